// The style sheets of the shadow root, in the order in which they apply.
import tokens from "./style/tokens.css";
import shell from "./style/shell.css";
import source from "./style/source.css";
import steps from "./style/steps.css";
import map from "./style/map.css";
import card from "./style/card.css";
import sizes from "./style/sizes.css";
import tables from "./style/tables.css";
import page from "./style/page.css";

export const STYLE = [tokens, shell, source, steps, map, card, sizes, tables, page].join("\n");
