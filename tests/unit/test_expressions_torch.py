"""Expressions against the real thing: Python's own eval with torch and numpy, value, shape and kind."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core.expressions import Record, Refused, Tensor, evaluate

GENERATOR = np.random.default_rng(0)
ARRAYS = {
    "Q": GENERATOR.normal(size=(6, 12)).astype(np.float32),
    "K": GENERATOR.normal(size=(6, 12)).astype(np.float32),
    "S": GENERATOR.normal(size=(6, 6)).astype(np.float32),
    "A": GENERATOR.normal(size=(2, 3, 6, 4)).astype(np.float32),
    "v": GENERATOR.normal(size=7).astype(np.float32),
    "i": GENERATOR.integers(0, 6, 5),
}
NUMPY = {"x": GENERATOR.normal(size=40), "p": GENERATOR.normal(size=(2, 3, 4)), "edges": np.linspace(-2, 2, 9)}
NUMBERS = {"T": 6, "H": 3, "d": 4}
GIVEN = {name: values.view(Tensor) for name, values in ARRAYS.items()} | NUMPY | NUMBERS
REAL = (
    {name: torch.from_numpy(values) for name, values in ARRAYS.items()}
    | NUMPY
    | NUMBERS
    | {"torch": torch, "np": np, "math": math, "F": torch.nn.functional}
)

AGREE = """
Q @ K.T / d**0.5
Q.T
Q.t()
Q.mT
A.mT
Q.transpose(0, 1)
Q.transpose(1, 0)
Q.transpose(-1, -2)
Q.permute(1, 0)
A.permute(3, 0, 2, 1)
A.permute((3, 0, 2, 1))
torch.permute(A, (0, 2, 1, 3))
torch.transpose(A, 1, 2)
A.swapaxes(0, 2)
A.movedim(1, 3)
torch.moveaxis(A, (0, 1), (2, 3))
torch.t(Q)
p.T
p.transpose(1, 0, 2)
p.transpose((2, 0, 1))
p.transpose()
np.transpose(p, (1, 0, 2))
np.transpose(p)
p.swapaxes(0, 1)
np.swapaxes(p, 0, 2)
Q.view(T, H, d)
Q.view(T, H, -1).transpose(0, 1)
Q.view((T, -1))
Q.reshape(T, H, d).permute(1, 0, 2)
Q.T.reshape(6, 12)
Q.T.contiguous().view(6, 12)
torch.reshape(Q, (8, 9))
np.reshape(p, (4, 6))
p.reshape(4, -1)
p.reshape((4, -1))
Q.unflatten(1, (H, d))
Q.flatten()
A.flatten(1, 2)
A.flatten(start_dim=2)
torch.flatten(A)
p.flatten()
p.ravel()
Q.unsqueeze(0)
Q.unsqueeze(-1)
torch.unsqueeze(Q, 1)
Q[None].squeeze()
Q[None].squeeze(0)
Q[None].squeeze(1)
np.expand_dims(p, 1)
p[None].squeeze(0)
Q.split(4, dim=1)
Q.split(5, dim=-1)
Q.split([2, 10], 1)
torch.split(Q, 4)
torch.split(Q, split_size_or_sections=3, dim=1)
Q.chunk(3, dim=1)
Q.chunk(5, 1)
torch.chunk(Q, 4)
torch.tensor_split(Q, 5, dim=1)
torch.tensor_split(Q, (2, 3), dim=1)
np.split(p, 2, axis=2)
np.split(x, [3, 10])
np.array_split(x, 7)
A.unbind(1)
torch.cat([Q, K])
torch.cat((Q, K), dim=1)
torch.concat([Q, K], dim=-1)
np.concatenate([x, edges])
torch.stack([Q, K])
torch.stack((Q, K), dim=1)
torch.stack([Q, K], -1)
np.stack([x, x], axis=1)
Q.repeat(2, 1)
Q.repeat(2, 1, 3)
Q.repeat_interleave(2, dim=0)
Q.repeat_interleave(2)
x.repeat(3)
np.repeat(p, 2, axis=1)
np.tile(x, 3)
np.tile(p, (2, 1))
torch.tile(v, (2, 3))
v.expand(3, 7)
Q[:, None].expand(-1, 2, -1)
torch.broadcast_to(v, (3, 7))
np.broadcast_to(edges, (2, 9))
Q.flip(0)
torch.flip(Q, (0, 1))
np.flip(x)
Q.sum()
Q.sum(0)
Q.sum(dim=1, keepdim=True)
Q.sum(axis=1)
A.sum((1, 2))
A.sum(dim=(0, -1), keepdim=True)
torch.sum(A, dim=1)
torch.sum(A, axis=1, keepdims=True)
p.sum(axis=(0, 2))
p.sum(0, keepdims=True)
A.mean()
A.mean(dim=(1, 2, 3))
A.mean((0, 1))
torch.mean(A, -1)
p.mean(1)
np.mean(p, axis=(0, 1))
np.mean(p > 0)
(x > 0).mean()
A.std()
A.std(dim=1)
A.std(1)
A.std(dim=(1, 2), keepdim=True)
A.std(unbiased=False)
A.std(correction=0)
A.std(dim=1, correction=0)
A.std(1, False)
torch.std(A)
torch.std(A, dim=(0, 1), unbiased=False)
A.var()
A.var(dim=-1)
torch.var(A, correction=0)
x.std()
x.std(ddof=1)
p.std(axis=(1, 2), ddof=1)
np.std(p, axis=0)
np.std(p, ddof=1)
x.var()
np.var(p, 1)
A.max()
A.min()
A.max(dim=1).values
A.max(1)[0]
A.max(dim=-1, keepdim=True).indices
torch.max(Q, K)
torch.min(Q, dim=0).values
A.amax(dim=(1, 2))
torch.amin(A, 0)
p.max()
p.max(axis=1)
p.min(0)
np.max(p, axis=(0, 1))
np.amax(p)
A.argmax()
A.argmax(dim=2)
p.argmax(1)
np.argmin(x)
(Q > 0).all()
(Q > 0).any(dim=1)
(p > 2).any()
Q.cumsum(1)
torch.cumsum(Q, dim=0)
np.cumsum(x)
np.cumsum(p, axis=1)
Q.diff()
torch.diff(Q, dim=0)
np.diff(edges)
np.diff(p, axis=1)
np.sort(x)
torch.quantile(v, 0.25)
Q.quantile(0.5, dim=1)
np.percentile(x, 75) - np.percentile(x, 25)
np.percentile(x, [25, 75])
np.quantile(p, 0.3, axis=1)
np.subtract(x, 1)
torch.softmax(S, dim=-1)
torch.softmax(S, 0)
S.softmax(-1)
F.softmax(A, dim=1)
torch.nn.functional.softmax(S, dim=1)
torch.log_softmax(S, -1)
torch.logsumexp(S, 1)
torch.logsumexp(S, dim=(0, 1), keepdim=True)
torch.exp(S)
S.exp() / S.exp().sum(-1, keepdim=True)
torch.sqrt(torch.abs(S))
S.abs().sqrt()
S.square()
S.sign()
S.isinf()
np.log(np.abs(x))
np.exp(p)
torch.pow(S, 2)
S.pow(2)
np.power(p, 2)
np.sqrt(d)
math.sqrt(d)
math.ceil(H**0.5)
torch.maximum(Q, K)
np.maximum(x, 0)
torch.matmul(Q, K.T)
Q.matmul(K.T)
torch.mm(Q, K.t())
torch.bmm(A[0], A[1].transpose(1, 2))
A @ A.transpose(-1, -2)
A @ v[:4]
v @ v
v.dot(v)
torch.dot(v, v)
np.dot(p[0], p[1].T)
x.dot(x)
np.matmul(p, p.swapaxes(1, 2))
torch.outer(v, v)
np.outer(edges, edges)
torch.einsum('ij,kj->ik', Q, K)
torch.einsum('bhtd,bhsd->bhts', A, A)
torch.einsum('ii->i', S)
torch.einsum('ij->', S)
torch.einsum('ij,kj', Q, K)
np.einsum('abc,abd->cd', p, p)
torch.ones(5, 5)
torch.ones((5, 2))
torch.ones([5])
torch.ones(3, dtype=torch.bool)
torch.zeros(2, 3)
torch.zeros(T, T, dtype=torch.int64)
torch.full((2, 3), float('-inf'))
torch.full((2,), 4)
torch.eye(4)
torch.eye(3, 4)
torch.eye(H).bool()
torch.arange(5)
torch.arange(1, T)
torch.arange(0, 2, 0.5)
torch.arange(5, 0, -2)
torch.arange(2.5)
torch.linspace(-1, 1, 5)
torch.linspace(0, 1, steps=7)
torch.ones_like(Q)
torch.zeros_like(Q, dtype=torch.bool)
torch.full_like(Q, 3.5)
torch.tensor([1, 2, 3])
torch.tensor([[1.5, 2], [3, 4]])
torch.from_numpy(x)
np.ones((3, 3))
np.ones(4)
np.zeros((2, 5), dtype=int)
np.zeros([3, 4])
np.full((2, 2), -np.inf)
np.eye(4)
np.eye(4, k=1)
np.identity(3)
np.tri(4)
np.tri(4, k=-1)
np.arange(-20, 20, 0.4)
np.arange(7)
np.linspace(-20, 20, 101)
np.linspace(0, 1, num=5, endpoint=False)
np.ones_like(p)
np.full_like(edges, 2)
np.array([1, 2.5])
np.array([[True, False]])
torch.tril(S)
torch.tril(S, -1)
torch.triu(torch.ones(5, 5), diagonal=1)
S.tril(diagonal=1)
S.triu(1)
np.tril(p)
np.triu(np.ones((4, 4)), k=1)
np.triu(np.full((4, 4), -np.inf), 1)
torch.diag(S)
torch.diag(v)
torch.diag(v, 1)
S.diag(-1)
np.diag(edges)
S.diagonal()
A.diagonal(dim1=2, dim2=3)
A.diagonal(1, 2, 3)
torch.diagonal(A, 0, 0, 1)
torch.diagonal(A, offset=-1, dim1=1, dim2=2)
p.diagonal(0, 1, 2)
np.diagonal(p, axis1=0, axis2=2)
torch.where(S > 0, S, torch.zeros(T, T))
torch.where(S > 0, S, -torch.inf)
torch.where(S > 0, 0.0, float('-inf'))
np.where(x > 0, x, 0)
S.masked_fill(S > 0, float('-inf'))
S.masked_fill(torch.tril(torch.ones(T, T)) == 0, -1e9)
torch.masked_fill(S, v[:6] > 0, 0)
S.masked_select(S > 0)
S[S > 0]
S[torch.tril(torch.ones(T, T)) == 1]
S[1]
S[-1, 1:-1]
S[:, ::2]
S[..., 0]
S[:, None, 1]
S[i]
S[i, i]
A[:, i[:3] // 2, i[:3]]
A[:, torch.arange(2), :, torch.arange(2)]
S[[0, 2]]
Q[T // 2]
x[::-1]
x[x > 1]
x[np.arange(3)]
p[:, 0, [1, 3]]
p[..., np.newaxis]
np.histogram(x, bins=edges, density=True)
np.histogram(x, bins=edges)
np.histogram(x, edges)[0]
np.histogram(x, bins='fd', density=True)
np.histogram(x, 'auto')
np.histogram(x)
np.histogram(x, bins=7, range=(-1, 1))
np.histogram_bin_edges(x, bins='fd')
torch.histogram(torch.from_numpy(x), torch.from_numpy(edges), density=True).hist
torch.histogram(v, bins=5).bin_edges
torch.histogram(v, 4, range=(-1., 1.), density=True)[0]
Q.shape
Q.shape[-1]
Q.size()
Q.size(1)
Q.ndim
Q.dim()
Q.numel()
x.size
p.shape
len(Q)
len(Q.shape)
Q.mean().item()
float(v[0])
int(i[0])
abs(v)
abs(-3)
max(T, H)
min([T, H])
round(2.6)
sum(Q.split(4, 1))
sum([1, 2])
(Q > 0).float().mean()
(Q > 0).double()
Q.to(torch.float64)
Q.bool()
x.astype(int)
x.astype(np.float32)
(x * 2).copy()
~(S > 0)
(S > 0) & (S < 1)
(S > 0) | (S < -1)
S == S
S != 0
1 - torch.tril(torch.ones(4, 4))
torch.tril(torch.ones(4, 4)) / torch.arange(1, 5)[:, None]
-S % 2
S // 2
2**v
i / 2
i // 2
T / H
T // d
T % d
-T
2**10
10**-3
d**-0.5
7.0 // 2
not True
True
None
[T, H]
(Q, K)
torch.pi
np.inf
math.inf
float('inf')
""".strip().splitlines()

BOTH_REFUSE = """
Q @ K
Q.T.view(6, 12)
Q.view(5, 5)
Q.transpose(0)
Q.transpose(0, 2)
Q.permute(0)
Q[::-1]
Q[7]
Q[0, 0, 0]
Q[0.5]
S[v]
Q.split(0, 1)
Q.split([2, 3], 1)
torch.sqrt(d)
torch.exp(2)
torch.softmax(S)
torch.softmax(S, dim=2)
torch.cat([Q, S], dim=0)
torch.stack([Q, S])
(S > 0).mean()
i.std()
S.masked_fill(torch.tril(torch.ones(T, T)), 0)
S.masked_fill(S > 0)
torch.where(torch.tril(torch.ones(T, T)), S, 0)
torch.mm(Q, A)
torch.bmm(Q, K)
v.dot(Q)
A.t()
Q.repeat(2)
Q.item()
Q.reshape(5, -1)
p.transpose(0, 1)
p.permute(0, 1, 2)
p.view(4, 6)
p.unsqueeze(0)
np.split(x, 7)
np.concatenate([x, p])
np.stack([x, edges])
np.histogram(x, bins=edges[::-1])
torch.einsum('ij,jk->ik', Q, K)
torch.einsum('ijk->i', Q)
len(3)
Q + S
1 / 0
~v
v & v
np.sort()
torch.ones(2, 3, foo=1)
torch.arange(0, 5, 0)
torch.arange(0, 5, -1)
torch.linspace(0, 1)
Q.foo
torch.foo
""".strip().splitlines()


def plain(value: object) -> object:
    """Real torch's and ours alike as numpy arrays, lists and numbers."""
    if isinstance(value, Record):
        value = tuple(value.fields.values())
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    return np.asarray(value) if value is not None else None


def same(ours: object, real: object) -> None:
    if isinstance(real, list):
        assert isinstance(ours, list)
        assert len(ours) == len(real)
        for one, other in zip(ours, real, strict=True):
            same(one, other)
    elif real is None:
        assert ours is None
    else:
        assert ours.shape == real.shape
        assert (ours.dtype.kind == "b") == (real.dtype.kind == "b")
        np.testing.assert_allclose(ours, real, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("expression", AGREE)
def test_values_and_shapes_are_those_of_torch_and_numpy(expression):
    real = eval(expression, dict(REAL))
    ours = evaluate(expression, GIVEN)
    same(plain(ours), plain(real))
    if isinstance(real, torch.Tensor):
        assert isinstance(ours, Tensor)
    elif isinstance(real, np.ndarray | np.generic):
        assert isinstance(ours, np.ndarray)
        assert not isinstance(ours, Tensor)
    elif isinstance(real, int | float | bool):
        assert type(ours) is type(real)


@pytest.mark.parametrize("expression", BOTH_REFUSE)
def test_what_torch_and_numpy_refuse_is_refused(expression):
    with pytest.raises(Exception):  # noqa: B017, PT011  # of many kinds
        eval(expression, dict(REAL))
    with pytest.raises(Refused):
        evaluate(expression, GIVEN)
