"""Elementary functions in float32, without branches, so that LLVM computes 16 at a time.

The polynomials were fitted by iteratively reweighted least squares to the least largest error;
each function is right to about 1e-7, relative or, near zeros of tanh and erf, absolute.
"""

import numpy as np

from labbook.engines.compiled.kernels.vector import compiled, float_of_bits, fma

f = np.float32
ROUND = f(12582912.0)  # 1.5 * 2^23: adding and subtracting it rounds to the nearest integer
LOG2_E, LN2_HIGH, LN2_LOW = f(1.44269504), f(0.693359375), f(-2.12194440e-4)


@compiled(inline=True)
def two_to_the(n):
    """2^n for an integer n (as float32) from -126 to 127, by its exponent's bits."""
    return float_of_bits((np.int32(n) + np.int32(127)) << np.int32(23))


@compiled(inline=True)
def reduced(x):
    """Integer n and rest r, |r| <= ln(2) / 2, with x = n ln(2) + r, and exp(r) - 1."""
    n = fma(x, LOG2_E, ROUND) - ROUND
    r = fma(n, -LN2_LOW, fma(n, -LN2_HIGH, x))
    p = fma(f(0.0013814825797453523), r, f(0.008368710055947304))
    p = fma(p, r, f(0.04166838154196739))
    p = fma(p, r, f(0.1666652113199234))
    p = fma(p, r, f(0.4999999403953552))
    return n, fma(p, r * r, r)


@compiled(inline=True)
def exp(x):
    """e^x; below -87 and above 88 as at these ends, so it is never 0 or infinite; NaN stays."""
    x = f(88.0) if x > f(88.0) else x
    x = f(-87.0) if x < f(-87.0) else x
    n, rest = reduced(x)
    return fma(rest, two_to_the(n), two_to_the(n))


@compiled(inline=True)
def exp_minus_1(x):
    """e^x - 1, exact also near 0."""
    x = f(88.0) if x > f(88.0) else x
    x = f(-87.0) if x < f(-87.0) else x
    n, rest = reduced(x)
    return fma(rest, two_to_the(n), two_to_the(n) - f(1.0))


@compiled(inline=True)
def sigmoid(x):
    """1 / (1 + e^-x)."""
    return f(1.0) / (f(1.0) + exp(-x))


@compiled(inline=True)
def tanh(x):
    """(e^2x - 1) / (e^2x + 1); a polynomial where |x| < 0.625."""
    size, z = abs(x), x * x
    p = fma(f(-0.005717036779969931), z, f(0.020650578662753105))
    p = fma(p, z, f(-0.05374349653720856))
    p = fma(p, z, f(0.13331490755081177))
    p = fma(p, z, f(-0.3333328366279602))
    small = fma(p * z, x, x)
    large = f(1.0) - f(2.0) / (exp(size + size) + f(1.0))
    large = large if x > f(0.0) else -large
    return large if size >= f(0.625) else small  # NaN: small, which is NaN too


@compiled(inline=True)
def erf(x):
    """The error function: x P(x^2) where |x| < 1, else 1 - e^-Q(|x|)."""
    size, z = abs(x), x * x
    p = fma(f(-0.0005660153110511601), z, f(0.004924789071083069))
    p = fma(p, z, f(-0.02671770751476288))
    p = fma(p, z, f(0.112804114818573))
    p = fma(p, z, f(-0.3761235475540161))
    p = fma(p, z, f(1.1283791065216064))
    t = size if size < f(4.0) else f(4.0)  # erf(4) is 1 to float32's last digit
    q = fma(f(-0.00018915913824457675), t, f(0.0029760056640952826))
    q = fma(q, t, f(-0.021955857053399086))
    q = fma(q, t, f(0.10336218029260635))
    q = fma(q, t, f(0.6378397941589355))
    q = fma(q, t, f(1.12727952003479))
    q = fma(q, t, f(0.0002930231858044863))
    large = f(1.0) - exp(-q)
    large = large if x > f(0.0) else -large
    return large if size >= f(1.0) else p * x


@compiled(inline=True)
def normal_distribution(x):
    """Phi(x): the probability that a standard normal number is below x."""
    return fma(erf(x * f(0.7071067811865476)), f(0.5), f(0.5))


@compiled(inline=True)
def normal_density(x):
    """phi(x) = e^(-x^2 / 2) / sqrt(2 pi)."""
    return exp(x * x * f(-0.5)) * f(0.3989422804014327)
