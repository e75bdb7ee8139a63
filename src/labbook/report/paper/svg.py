"""Writes a matplotlib figure as a small SVG: the page holds hundreds of them.

Coordinates are whole quarters of a point and relative, lines are simplified, what has the same look
is one path, dots of one look are one path of round ends, and nothing is clipped but what sticks
out, so that no clip path is needed. Text stays text, in the
reader's own font, at whole points.
"""

from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Transform

from labbook.report.grey_png import data_address
from labbook.report.paper.strokes import FINEST, dots_text, path_text, straightened

DPI = 72
LINE_BEND, SURFACE_BEND = 0.3, 0.5  # points by which what is simplified may differ
ANCHORS = {"left": "start", "center": "middle", "right": "end"}
UPRIGHT = {"top": "end", "center": "middle", "bottom": "start"}
SHARES = {"start": 0.0, "middle": 0.5, "end": 1.0}  # of a text's width before its anchor
FONT = 8.5  # points; said once for all text of this size

Look = tuple[tuple[str, str], ...]  # attributes of an element


def as_svg(figure: Figure) -> str:
    """The figure as an SVG document. Its layout must be fixed: nothing is moved here."""
    before, figure.dpi = figure.dpi, DPI
    texts = figure.findobj(Text)
    for text in texts:  # matplotlib tells it the renderer of texts of one line alone
        text.set_gid(text.get_horizontalalignment())
    try:
        renderer = SmallSvg(*figure.get_size_inches() * DPI)
        figure.draw(renderer)
    finally:
        figure.dpi = before
        for text in texts:
            text.set_gid(None)
    return renderer.document()


class SmallSvg(RendererBase):
    """What matplotlib draws with: collects paths and texts by their looks."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        self.width, self.height = width, height
        self._paths: list[tuple[Look, str]] = []
        self._images: list[Look] = []
        self._texts: dict[Look, list[str]] = {}  # above all paths, whatever their order
        self._aligned = "left"  # the text that is drawn

    def get_canvas_width_height(self) -> tuple[float, float]:
        """In points."""
        return self.width, self.height

    def draw_path(
        self, gc: GraphicsContextBase, path: Path, transform: Transform, rgbFace: Any = None
    ) -> None:
        """A line as far as it is inside of its axes, a surface cut to them."""
        clip, transform = gc.get_clip_rectangle(), transform + self._flip()
        box = None if clip is None else clip.transformed(self._flip())
        if rgbFace is not None and box is not None:
            path, transform = path.transformed(transform).clip_to_bbox(box), Affine2D()
        cleaned = path.cleaned(
            transform,
            remove_nans=True,
            clip=None if box is None or rgbFace is not None else (*box.min, *box.max),
            simplify=False,
            curves=True,
        )
        bend = LINE_BEND if rgbFace is None else SURFACE_BEND
        text = path_text(straightened(cleaned, bend), closed=bool(gc.get_linewidth()))
        self._add(_look(gc, rgbFace), text)

    def draw_markers(
        self, gc: GraphicsContextBase, marker_path: Path, marker_trans: Transform, path: Path,
        trans: Transform, rgbFace: Any = None,
    ) -> None:  # fmt: skip
        """Round marks as dots, others as surfaces."""
        shape = marker_path.transformed(marker_trans)
        if not _curved(shape):
            for place in np.asarray(path.transformed(trans).vertices):
                self.draw_path(gc, shape, Affine2D().translate(*place), rgbFace)
            return
        points = np.asarray(path.transformed(trans + self._flip()).vertices)
        points = points[np.isfinite(points).all(axis=1)]
        if (clip := gc.get_clip_rectangle()) is not None:
            box = clip.transformed(self._flip()).padded(0.5)
            points = points[[box.contains(*point) for point in points]]
        self._dots(gc, dots_text(points), shape.get_extents().width, rgbFace)

    def _dots(self, gc: GraphicsContextBase, drawn: str, wide: float, face: Any) -> None:
        """Dots as round ends of lines; one with an edge as a dot upon a dot."""
        edge = gc.get_linewidth() if _alpha(gc.get_rgb()) else 0.0
        rings = [(wide + edge, gc.get_rgb())] if edge else []
        rings += [(wide - edge, face)] if face is not None else []
        for width, color in rings:
            alpha = gc.get_alpha() if gc.get_forced_alpha() else _alpha(color)
            look = [("stroke", to_hex(color[:3])), ("stroke-width", _short(width * FINEST))]
            look += [("stroke-opacity", _short(alpha, 2))] if alpha < 1 else []
            self._add((*look, ("stroke-linecap", "round")), drawn)

    def open_group(self, s: str, gid: str | None = None) -> None:
        """A text begins, and `as_svg` says how it is aligned."""
        self._aligned = gid or "left"

    def draw_text(
        self, gc: GraphicsContextBase, x: float, y: float, s: str, prop: Any, angle: float,
        ismath: Any = False, mtext: Any = None,
    ) -> None:  # fmt: skip
        """A line of text, by the end that must keep its place."""
        x, y, anchor = self._anchored(x, y, s, prop, angle, mtext)
        look = [("fill", to_hex(gc.get_rgb()[:3]))]
        size, weight = prop.get_size_in_points(), prop.get_weight()
        look += [("font-size", _short(size))] if size != FONT else []
        look += [("font-weight", "bold")] if weight == "bold" else []
        look += [("text-anchor", anchor)] if anchor != "start" else []
        x, y = round(x), round(y)
        place = f'x="{x}" y="{y}"'
        if angle:
            place = f'transform="translate({x} {y})rotate({_short(-angle)})"'
        self._texts.setdefault(tuple(look), []).append(f"<text {place}>{escape(s)}</text>")

    def _anchored(
        self, x: float, y: float, text: str, prop: Any, angle: float, mtext: Any
    ) -> tuple[float, float, str]:
        """Where a text stands and by which of its ends: another font is wider or narrower."""
        turned = np.deg2rad(angle)
        # Of a line of several there is no `mtext`.
        if mtext is not None and (angle == 0 or mtext.get_rotation_mode() == "anchor"):
            at = mtext.get_transform().transform(mtext.get_unitless_position())
            down = np.array([np.sin(turned), np.cos(turned)])
            at = np.array([at[0], self.height - at[1]])
            return *(at + ((x, y) - at) @ down * down), ANCHORS[mtext.get_ha()]
        anchor = UPRIGHT.get(mtext.get_va(), "start") if mtext else ANCHORS[self._aligned]
        share = SHARES[anchor] * self.get_text_width_height_descent(text, prop, False)[0]
        return x + share * np.cos(turned), y - share * np.sin(turned), anchor

    def option_image_nocomposite(self) -> bool:
        """Images come one by one."""
        return True

    def option_scale_image(self) -> bool:
        """Images come with the pixels that they have."""
        return True

    def draw_image(
        self, gc: GraphicsContextBase, x: float, y: float, im: Any,
        transform: Any = None,
    ) -> None:  # fmt: skip
        """A grey image."""
        rows, columns = im.shape[:2]
        wide, high = (columns, rows) if transform is None else np.abs(
            np.subtract(*transform.transform([[1, 1], [0, 0]]))
        )  # fmt: skip
        place = (("x", x), ("y", self.height - y - high), ("width", wide), ("height", high))
        look = tuple((name, _short(value)) for name, value in place)
        self._images.append((*look, ("href", data_address(im[:, :, 0]))))

    def _flip(self) -> Affine2D:
        return Affine2D().scale(1, -1).translate(0, self.height)

    def _add(self, look: Look, drawn: str) -> None:
        """A path; strokes and fills of one look that follow each other are one."""
        if not drawn or not look:
            return
        if self._paths and self._paths[-1][0] == look:
            drawn = self._paths.pop()[1] + drawn
        self._paths.append((look, drawn))

    def document(self) -> str:
        """All that was drawn, texts of one look in one group."""
        box = f"{_short(self.width)} {_short(self.height)}"
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {box}" '
            f'font-family="DejaVu Sans,sans-serif">',
            f'<g font-size="{FONT}" fill="none"><g transform="scale({1 / FINEST})">',
        ]
        lines += [f'<path{_attributes(look)} d="{drawn}"/>' for look, drawn in self._paths]
        lines += ["</g>"]
        lines += [
            f'<image preserveAspectRatio="none"{_attributes(look)}/>' for look in self._images
        ]
        lines += [f"<g{_attributes(look)}>{''.join(t)}</g>" for look, t in self._texts.items()]
        return "\n".join([*lines, "</g></svg>", ""])


def _look(gc: GraphicsContextBase, face: Any) -> Look:
    """The attributes of a path; none where it cannot be seen."""
    forced = gc.get_alpha() if gc.get_forced_alpha() else None
    look = []
    if face is not None and (alpha := forced if forced is not None else _alpha(face)):
        look.append(("fill", to_hex(face[:3])))
        look += [("fill-opacity", _short(alpha, 2))] if alpha < 1 else []
    edge, width = gc.get_rgb(), gc.get_linewidth()
    if width and (alpha := forced if forced is not None else _alpha(edge)):
        look += [("stroke", to_hex(edge[:3])), ("stroke-width", _short(width * FINEST))]
        look += [("stroke-opacity", _short(alpha, 2))] if alpha < 1 else []
        if (dashes := gc.get_dashes()[1]) is not None:
            look.append(
                (
                    "stroke-dasharray",
                    " ".join(_short(dash * FINEST, 0) for dash in np.ravel(dashes)),
                )
            )
        look += [("stroke-linecap", "round")] if gc.get_capstyle() == "round" else []
    return tuple(look)


def _curved(path: Path) -> bool:
    return path.codes is not None and bool(np.isin(path.codes, (Path.CURVE3, Path.CURVE4)).any())


def _alpha(color: Any) -> float:
    return float(color[3]) if len(color) > 3 else 1.0


def _attributes(look: Look) -> str:
    return "".join(f' {name}="{value}"' for name, value in look)


def _short(value: float, places: int = 1) -> str:
    text = f"{value:.{places}f}".rstrip("0").rstrip(".") if places else f"{value:.0f}"
    return {"-0": "0", "": "0"}.get(text, text)
