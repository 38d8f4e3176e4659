"""Signatures are blue, stamps are red, both transparent and at their real size."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from antin.keys import images

NAMES = ("Nguyễn Văn An", "Trần Thị Ước", "Lê Hoàng Phượng", "Ý", "")


def opened(png: bytes) -> Image.Image:
    picture = Image.open(BytesIO(png))
    assert (picture.format, picture.mode) == ("PNG", "RGBA")
    return picture


def colours(picture: Image.Image) -> set[tuple[int, ...]]:
    return {pixel[:3] for _, pixel in picture.getcolors(maxcolors=1 << 20)}


@pytest.mark.parametrize("name", NAMES)
def test_a_signature_is_blue_and_fills_its_place(name: str) -> None:
    picture = opened(images.signature(name))
    across, down = picture.info["dpi"]
    assert [round(picture.width / across * 25.4), round(picture.height / down * 25.4)] == [36, 20]
    assert colours(picture) == {images.BLUE}
    left, top, right, bottom = picture.getchannel("A").getbbox()
    assert right - left > picture.width * 0.6 or bottom - top > picture.height * 0.8
    assert picture.getchannel("A").histogram()[0] > picture.width * picture.height * 0.8


def test_the_same_name_signs_alike_and_others_differ() -> None:
    made = [images.signature(name) for name in NAMES]
    assert made == [images.signature(name) for name in NAMES]
    assert len(set(made)) == len(NAMES)


@pytest.mark.parametrize(
    ("name", "parent"),
    [
        ("Cục Quân nhu", "Tổng cục Hậu cần - Kỹ thuật"),
        ("Viện Nghiên cứu và Phát triển Ứng dụng Khoa học Kỹ thuật và Công nghệ", "Tổng cục Z"),
        ("Tổng cục Z", ""),
    ],
)
def test_a_stamp_is_red_and_36_millimetres_wide(name: str, parent: str) -> None:
    picture = opened(images.stamp(name, parent))
    assert colours(picture) == {images.RED}
    assert round(picture.width / picture.info["dpi"][0] * 25.4, 1) == 36.0
    left, top, right, bottom = picture.getchannel("A").getbbox()
    assert min(right - left, bottom - top) / picture.width > 0.97
    middle = picture.getchannel("A").getpixel((picture.width // 2, picture.height // 2))
    assert middle == 255, "the star"
    assert picture.getchannel("A").getpixel((2, 2)) == 0
