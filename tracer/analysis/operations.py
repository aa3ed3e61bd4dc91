"""What each operation is: one table, which everything that depends on an operation's kind asks.

A row is a set of traits and the names of the operations that have them. A name is what a `Step`
records (``conv2d``). In-place and operator spellings (``mul_``, ``imul``, ``rmul``) need no row:
they have the traits of the operation that they spell. An operation without a row has no traits.

A new operation is one name in a row. A new way to join a skip is one row with a `JoinKind`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tracer.record import Step


@dataclass(frozen=True, slots=True)
class JoinKind:
    """How an operation joins two feature maps into one.

    Attributes:
        name: The kind as skips, lock files and expectations name it (``"cat"``).
        mode: What happens to the operands. A sum and a product take operands of one shape.
        sign: What stands between the channels of the operands in a table.
        verb: The participle that messages use: nothing is *concatenated* before this block.
    """

    name: str
    mode: Literal["concatenate", "stack", "sum", "product"]
    sign: str
    verb: str


CAT_JOIN = JoinKind("cat", "concatenate", "+", "concatenated")
STACK_JOIN = JoinKind("stack", "stack", "+", "stacked")
ADD_JOIN = JoinKind("add", "sum", "+", "added")
MUL_JOIN = JoinKind("mul", "product", "×", "multiplied")


@dataclass(frozen=True, slots=True)
class OpTraits:
    """What is true of an operation, whatever its operands are.

    Attributes:
        join: How it joins feature maps, if it does.
        elementwise: Its operands need equal sizes, where they are not broadcast.
        free: It costs no arithmetic: it moves, selects, looks up or fills.
        moves: Its result holds numbers of its operand, elsewhere or in another shape or dtype.
        creates: It reads at most the shape of a tensor, and none of its numbers.
        resamples: It takes (B, C, ...) and puts out any number of positions.
        normalizes: It takes (B, C, ...) and puts out the same, unless it is `on_last_axis`.
        on_last_axis: It works on the last axis, which holds the channels of (B, L, C).
        keeps_positions: It leaves the number of positions alone, whatever happens to the channels.
        permutes: It changes the order of the axes.
        broadcasts: It repeats numbers at many positions.
        crops: It may change spatial sizes, but not the resolution.
        pads: It adds a margin.
        reduces: It summarizes many numbers in one, without weights.
        bounded: Its numbers lie within bounds, so a product with them is a gate.
        attends: Its first operand is a query; the result sums over the positions of the others.
        matrix_product: It sums over an axis that two operands share.
        transform: Which way it goes between an image and its spectrum.
    """

    join: JoinKind | None = None
    elementwise: bool = False
    free: bool = False
    moves: bool = False
    creates: bool = False
    resamples: bool = False
    normalizes: bool = False
    on_last_axis: bool = False
    keeps_positions: bool = False
    permutes: bool = False
    broadcasts: bool = False
    crops: bool = False
    pads: bool = False
    reduces: bool = False
    bounded: bool = False
    attends: bool = False
    matrix_product: bool = False
    transform: Literal["to_spectrum", "from_spectrum"] | None = None


NO_TRAITS = OpTraits()

OPERATION_ROWS: tuple[tuple[OpTraits, str], ...] = (
    # joins
    (OpTraits(join=CAT_JOIN, free=True), "cat concat concatenate hstack"),
    (OpTraits(join=STACK_JOIN, free=True), "stack"),
    (OpTraits(join=ADD_JOIN, elementwise=True), "add lerp"),
    (OpTraits(join=MUL_JOIN, elementwise=True), "mul multiply"),
    (OpTraits(free=True), "vstack dstack column_stack"),
    # other operations on pairs of numbers
    (OpTraits(elementwise=True), "sub div maximum minimum addcmul"),
    (OpTraits(elementwise=True, free=True), "where"),
    (OpTraits(bounded=True), "sigmoid hardsigmoid softmax tanh hardtanh clamp"),
    # convolutions and other resampling
    (OpTraits(resamples=True), "conv1d conv2d conv3d convolution"),
    (OpTraits(resamples=True), "conv_transpose1d conv_transpose2d conv_transpose3d"),
    (OpTraits(resamples=True, reduces=True), "max_pool1d max_pool2d max_pool3d"),
    (OpTraits(resamples=True, reduces=True), "avg_pool1d avg_pool2d avg_pool3d"),
    (OpTraits(resamples=True, reduces=True), "lp_pool1d lp_pool2d lp_pool3d"),
    (
        OpTraits(resamples=True, reduces=True),
        "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d",
    ),
    (
        OpTraits(resamples=True, reduces=True),
        "adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d",
    ),
    (OpTraits(resamples=True), "max_unpool2d max_unpool3d interpolate upsample grid_sample"),
    (OpTraits(resamples=True, free=True), "pixel_shuffle pixel_unshuffle"),
    # reductions, normalization, products
    (OpTraits(reduces=True), "mean amax amin sum"),
    (OpTraits(normalizes=True), "batch_norm group_norm instance_norm"),
    (
        OpTraits(normalizes=True, on_last_axis=True, keeps_positions=True),
        "layer_norm rms_norm",
    ),
    (OpTraits(on_last_axis=True, keeps_positions=True), "linear"),
    (OpTraits(keeps_positions=True, free=True), "embedding"),
    (OpTraits(attends=True, keeps_positions=True), "scaled_dot_product_attention"),
    (OpTraits(attends=True), "multi_head_attention_forward"),
    (OpTraits(matrix_product=True), "matmul bmm baddbmm einsum"),
    (
        OpTraits(transform="to_spectrum"),
        "fft_fft fft_fft2 fft_fftn fft_rfft fft_rfft2 fft_rfftn",
    ),
    (
        OpTraits(transform="from_spectrum"),
        "fft_ifft fft_ifft2 fft_ifftn fft_irfft fft_irfft2 fft_irfftn",
    ),
    (
        OpTraits(transform="from_spectrum"),
        "fft_hfft fft_hfft2 fft_hfftn fft_ihfft fft_ihfft2 fft_ihfftn",
    ),
    # the same numbers in another shape, order or dtype
    (
        OpTraits(moves=True, free=True),
        "view view_as reshape reshape_as flatten unflatten ravel alias unsafe_view reshape_alias "
        "squeeze unsqueeze contiguous clone detach data roll",
    ),
    (
        OpTraits(moves=True, permutes=True, free=True),
        "permute transpose swapaxes swapdims movedim moveaxis t T mT",
    ),
    (OpTraits(moves=True, broadcasts=True, free=True), "expand expand_as broadcast_to"),
    (
        OpTraits(moves=True, crops=True, free=True),
        "getitem slice select narrow split chunk unbind split_with_sizes tensor_split hsplit "
        "vsplit dsplit unsafe_split unsafe_chunk",
    ),
    (
        OpTraits(moves=True, free=True),
        "to to_copy type type_as float double half bfloat16 cfloat long int short char byte bool "
        "cpu cuda",
    ),
    # the same numbers, repeated, padded or selected
    (OpTraits(crops=True, pads=True, free=True), "pad"),
    (
        OpTraits(free=True),
        "constant_pad_nd repeat repeat_interleave tile channel_shuffle flip fliplr flipud rot90 "
        "fft_fftshift fft_ifftshift copy setitem broadcast_tensors meshgrid diagonal unfold "
        "as_strided real imag view_as_real view_as_complex lift_fresh",
    ),
    (
        OpTraits(free=True),
        "index index_select index_copy index_put index_fill gather take take_along_dim scatter "
        "masked_select masked_fill tril triu diag",
    ),
    # new tensors
    (
        OpTraits(creates=True, free=True),
        "zeros_like ones_like empty_like full_like new_zeros new_ones new_empty new_full "
        "new_tensor",
    ),
    (OpTraits(creates=True), "rand_like randn_like randint_like"),
    (
        OpTraits(free=True),
        "empty empty_strided zeros ones full fill zero eye constant tensor as_tensor scalar_tensor "
        "from_numpy",
    ),
)

OPERATIONS: dict[str, OpTraits] = {
    name: row for row, names in OPERATION_ROWS for name in names.split()
}
"""The traits of each operation by its name."""

OPERATOR_NAMES = frozenset(
    ["add", "sub", "mul", "div", "truediv", "floordiv", "mod", "pow", "matmul"]
)
"""Operations that Python spells with an operator: ``a += b`` is ``iadd``, ``1 - a`` is ``rsub``."""


def traits(op: str) -> OpTraits:
    """Return what an operation is, in whichever way it is spelled.

    Args:
        op: The name that a step records.

    >>> traits("conv2d").resamples
    True
    >>> traits("imul").join == traits("mul_").join == MUL_JOIN
    True
    >>> traits("no_such_operation") == OpTraits()
    True
    """
    found = OPERATIONS.get(op)
    return found if found is not None else OPERATIONS.get(_functional_name(op), NO_TRAITS)


def _functional_name(op: str) -> str:
    """The name of an operation that is spelled in place, or as an operator."""
    name = op.removesuffix("_")
    return name[1:] if name[:1] in {"i", "r"} and name[1:] in OPERATOR_NAMES else name


def join_kinds_by_name() -> dict[str, JoinKind]:
    """Return every kind of join in the table, by its name.

    >>> sorted(join_kinds_by_name())
    ['add', 'cat', 'mul', 'stack']
    """
    return {kind.name: kind for kind in _kinds()}


def _kinds() -> Iterator[JoinKind]:
    for row in OPERATIONS.values():
        if row.join is not None:
            yield row.join


ATTENTION = {"scaled_dot_product_attention", "multi_head_attention_forward"}
MATRIX_PRODUCTS = {"matmul", "bmm", "baddbmm", "einsum"}


def is_attention(steps: Sequence[Step]) -> bool:
    """Whether steps hold one attention operation, or a softmax and two products of activations."""
    ops = {step.op for step in steps}
    products = sum(step.op in MATRIX_PRODUCTS and len(step.inputs) > 1 for step in steps)
    return bool(ops & ATTENTION) or ("softmax" in ops and products > 1)
