"""Operations that cost no arithmetic: to list them as unknown would be as wrong as to forget one.

They move numbers, select some of them, look them up, change their dtype, or fill memory with one
number.
"""

from __future__ import annotations

from tracer.record import Step

FREE = frozenset(
    (
        # another look at the same numbers
        *("view", "view_as", "reshape", "reshape_as", "flatten", "unflatten", "ravel", "alias"),
        *("squeeze", "unsqueeze", "expand", "expand_as", "broadcast_to", "broadcast_tensors"),
        *("permute", "transpose", "swapaxes", "swapdims", "movedim", "moveaxis", "t", "T", "mT"),
        *("getitem", "slice", "select", "narrow", "diagonal", "unfold", "as_strided", "meshgrid"),
        *("chunk", "split", "split_with_sizes", "tensor_split", "unbind", "unsafe_chunk"),
        *("hsplit", "vsplit", "dsplit", "unsafe_split", "unsafe_view", "reshape_alias"),
        *("real", "imag", "view_as_real", "view_as_complex", "data", "detach", "lift_fresh"),
        # the same numbers elsewhere
        *("cat", "concat", "concatenate", "stack", "hstack", "vstack", "dstack", "column_stack"),
        *("clone", "copy", "contiguous", "setitem", "repeat", "repeat_interleave", "tile"),
        *("roll", "flip", "fliplr", "flipud", "rot90", "fft_fftshift", "fft_ifftshift"),
        *("pad", "constant_pad_nd", "pixel_shuffle", "pixel_unshuffle", "channel_shuffle"),
        # some of them
        *("embedding", "index", "index_select", "index_copy", "index_put", "index_fill"),
        *("gather", "take", "take_along_dim", "scatter", "masked_select", "masked_fill"),
        *("where", "tril", "triu", "diag"),
        # in another dtype, or on another device
        *("to", "to_copy", "type", "type_as", "float", "double", "half", "bfloat16", "cfloat"),
        *("long", "int", "short", "char", "byte", "bool", "cpu", "cuda"),
        # one number everywhere, or numbers that were there before
        *("empty", "empty_like", "empty_strided", "new_empty", "zeros", "zeros_like", "new_zeros"),
        *("ones", "ones_like", "new_ones", "full", "full_like", "new_full", "fill", "zero", "eye"),
        *("constant", "tensor", "as_tensor", "new_tensor", "scalar_tensor", "from_numpy"),
    )
)


def is_free(step: Step) -> bool:
    """Whether an operation computes nothing; in place or not, that is the same."""
    return step.op.removesuffix("_") in FREE
