from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from autorecipe.api import profile_table
from autorecipe.checks import IMAGE_CHECKS
from autorecipe.checks.image_rows import image_rows
from autorecipe.cli import cli
from autorecipe.config import Config
from autorecipe.errors import UserError
from autorecipe.intake import take_in
from autorecipe.profile.contact_sheet import GAP, LINE, TILE, Picture, Strip, draw_sheet, small_picture
from autorecipe.profile.image_profile import picture_of, profile_images
from autorecipe.profile.profile import going_on_command, stops
from autorecipe.profile.sheet_text import cut, font, text_width, wrapped

pytestmark = pytest.mark.slow

COLOURS = {"red ones": (200, 60, 60), "grün": (60, 200, 60)}


def save(path, colour, seed, size=(40, 30)):
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).normal(0, 40, (size[1], size[0], 3))
    Image.fromarray(np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)).save(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Forty images of each of two classes, the last of each a copy of the first; and two broken files."""
    root = tmp_path_factory.mktemp("images")
    for number, (label, colour) in enumerate(COLOURS.items()):
        for i in range(40):
            save(root / label / f"{label[0]}_{i}.jpg", colour, 100 * number + i % 39)
    for i in range(2):
        (root / "grün" / f"broken{i}.jpg").write_bytes(b"\xff\xd8\xff\xe0 not much of a picture")
    return root


@pytest.fixture(scope="module")
def profiled(folder, tmp_path_factory):
    config = Config()
    pictures = tmp_path_factory.mktemp("run") / "pictures"
    return profile_images(take_in(str(folder), config), config, pictures=pictures), pictures


def codes(profile):
    return {finding.code for finding in profile.findings}


def test_every_check_of_images_has_an_outcome(profiled):
    asked = [outcome.code for outcome in profiled[0].outcomes]
    assert asked[-len(IMAGE_CHECKS) :] == [check.code for check in IMAGE_CHECKS]
    assert {"D032", "D033", "D037"} <= set(asked)


def test_the_summary_counts_what_was_measured(profiled):
    found = profiled[0].images
    assert (found.n_unreadable, found.widths, found.heights) == (2, (40, 40, 40), (30, 30, 30))
    assert found.aspects == pytest.approx((4 / 3,) * 3)
    assert found.formats == (("JPEG", profiled[0].n_rows),)
    assert found.modes == (("RGB", profiled[0].n_rows),)
    assert found.n_grey == 0
    assert not found.is_photo
    assert found.spec is not None
    assert found.spec.shape == (30, 40, 3)
    assert len(found.channel_mean) == len(found.channel_std) == 3
    assert 0.3 < found.channel_mean[0] < 0.7


def test_columns_are_the_image_and_the_label(profiled):
    image, label = profiled[0].columns
    assert (image.name, image.kind) == ("image", "image")
    assert label.n_distinct == 2
    assert {name for name, _ in label.top} == set(COLOURS)


def test_the_contact_sheets_are_where_the_summary_says(profiled):
    found, pictures = profiled
    titles = dict(found.images.pictures)
    assert titles["Samples"] == "pictures/samples.png"
    assert "D110 Duplicate images" in titles
    assert {path.rpartition("/")[2] for path in titles.values()} == {path.name for path in pictures.iterdir()}
    for path in pictures.iterdir():
        with Image.open(path) as sheet:
            assert sheet.format == "PNG"


def test_profile_draws_contact_sheets_where_it_is_told_to(folder, tmp_path):
    place = tmp_path / "sheets"
    result = CliRunner().invoke(cli, ["profile", str(folder), "--pictures", str(place)])
    assert result.exit_code == 0
    assert (place / "samples.png").exists()
    assert f"in {place}/" in "".join(line.strip() + " " for line in result.output.splitlines()).replace("  ", " ")
    assert "--pictures DIR" in CliRunner().invoke(cli, ["profile", str(folder)]).output


def test_pictures_that_cannot_be_drawn_are_an_error(folder, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="cannot draw into") as error:
        profile_table(str(folder), Config(), pictures=str(tmp_path / "file"))
    assert error.value.where == "--pictures"
    table = tmp_path / "a.csv"
    table.write_text("x,y\n" + "\n".join(f"{i % 7},{i % 2}" for i in range(40)))
    with pytest.raises(UserError, match="no images to draw"):
        profile_table(str(table), Config(target="y"), pictures=str(tmp_path / "sheets"))


def test_unreadable_files_are_a_finding_without_a_sheet(profiled):
    found, pictures = profiled
    assert next(f for f in found.findings if f.code == "D101").severity == "warn"
    assert not (pictures / "D101.png").exists()


def test_nothing_is_drawn_without_a_folder(folder):
    config = Config()
    assert profile_images(take_in(str(folder), config), config, pictures=None).images.pictures == ()


def test_the_same_images_give_the_same_findings(folder, profiled):
    config = Config()
    again = profile_images(take_in(str(folder), config), config, pictures=None)
    assert again.findings == profiled[0].findings


def shared(root):
    """Train and test folders whose images are all different, but for one of each class."""
    for place, (label, colour) in enumerate(COLOURS.items()):
        for part, start in (("train", 0), ("test", 500)):
            for i in range(30):
                save(root / part / label / f"{i}.png", colour, 1000 * place + start + i)
        first = root / "train" / label / "0.png"
        (root / "test" / label / "again.png").write_bytes(first.read_bytes())
    return root


def test_shared_images_stop_and_the_command_goes_on(tmp_path):
    root, config = shared(tmp_path), Config()
    found = profile_images(take_in(str(root), config), config, pictures=None)
    assert [f.code for f in stops(found)] == ["D122"]
    assert going_on_command(stops(found), "autorecipe fit x") == "autorecipe fit x --test 0.15"
    anew = Config(test_share=0.15)
    assert stops(profile_images(take_in(str(root), anew), anew, pictures=None)) == ()


def test_an_allowed_stop_is_a_warning(tmp_path):
    root, config = shared(tmp_path), Config(allow=("d122",))
    found = profile_images(take_in(str(root), config), config, pictures=None)
    assert stops(found) == ()
    assert next(f for f in found.findings if f.code == "D122").remedy == "allowed by --allow D122"


def test_conflicting_images_set_the_floor(tmp_path):
    for label in COLOURS:
        for i in range(30):
            save(tmp_path / label / f"{i}.png", (120, 120, 120), i)
    config = Config(test_share=0.0)
    found = profile_images(take_in(str(tmp_path), config), config, pictures=None)
    assert found.floor == pytest.approx(np.log(2))
    assert "D121" in codes(found)


def test_numbers_to_predict_are_profiled(tmp_path):
    values = np.random.default_rng(0).uniform(1, 9, 60)
    for i, value in enumerate(values):
        save(tmp_path / f"{i}.png", (20 * value,) * 3, i)
    lines = [f"{i}.png,{value:.3f}" for i, value in enumerate(values)]
    table = tmp_path / "sizes.csv"
    table.write_text("\n".join(["path,size", *lines]))
    config = Config(target="size")
    found = profile_images(take_in(str(table), config), config, pictures=tmp_path / "pictures")
    assert next(f for f in found.findings if f.code == "D124").message.startswith(
        "pixel statistics alone tell size: R2"
    )
    assert (tmp_path / "pictures" / "samples.png").exists()


class Drawn:
    """Images in memory."""

    def __init__(self, *files):
        self.files = files

    def __len__(self):
        return len(self.files)

    def name(self, row):
        return str(row)

    def read(self, row):
        return self.files[row].read_bytes()

    def take(self, rows):
        return Drawn(*(self.files[row] for row in rows))


@pytest.fixture
def source(tmp_path):
    for i, size in enumerate([(300, 100), (8, 8), (96, 96)]):
        save(tmp_path / f"{i}.png", (10, 200, 10), i, size=size)
    return Drawn(*(tmp_path / f"{i}.png" for i in range(3)))


def test_a_sheet_is_as_large_as_its_pictures(source, tmp_path):
    path = tmp_path / "made" / "sheet.png"
    strips = [Strip(heading="Größe", pictures=tuple(Picture(row=row, caption="small one") for row in range(3)))]
    draw_sheet(strips, source, path, n_across=2)
    with Image.open(path) as sheet:
        assert sheet.size == (GAP + 2 * (TILE + GAP), GAP + LINE + GAP + 2 * (TILE + LINE + GAP))


def test_pictures_stand_in_the_middle_of_their_place(source, tmp_path):
    draw_sheet([Strip(pictures=(Picture(row=0),))], source, tmp_path / "s.png", n_across=5)
    with Image.open(tmp_path / "s.png") as sheet:
        pixels = np.asarray(sheet.convert("RGB")).astype(int)
    is_green = pixels[..., 1] - pixels[..., 0] > 60
    inside = is_green[GAP : GAP + TILE, GAP : GAP + TILE]
    assert inside.any(axis=0).all()
    assert inside.any(axis=1).sum() == 32
    assert is_green.sum() == inside.sum()


@pytest.mark.parametrize(("row", "size"), [(0, (96, 32)), (1, (96, 96)), (2, (96, 96))])
def test_pictures_are_small_and_tiny_ones_enlarged(source, row, size):
    small = small_picture(source.read(row))
    assert (small.mode, small.size) == ("RGB", size)


def test_a_sheet_is_as_wide_as_its_heading_and_names_files(source, tmp_path):
    path, heading = tmp_path / "sheet.png", "a heading wider than one picture"
    strip = Strip(heading=heading, pictures=(Picture(row=1, caption="Löwenzahn", file="a name of a long file_17.jpg"),))
    draw_sheet([strip], source, path, n_across=8)
    with Image.open(path) as sheet:
        assert sheet.size == (text_width(heading) + 2 * GAP, 2 * GAP + LINE + TILE + 2 * LINE + GAP)


def test_every_letter_of_european_alphabets_has_a_shape_of_its_own():
    shapes = {bytes(font().getmask(letter)) for letter in "äöüßÄÖÜéèñçłžøåИжλ…"}
    assert len(shapes) == 19


def test_texts_are_cut_to_their_width():
    assert cut("Löwenzahn", 200) == cut("Lo\u0308wenzahn\n", 200) == "Löwenzahn"
    assert cut("Hühnerrasse weiß", 60).startswith("Hühn")
    assert cut("10043234166_e6dd.jpg", 60, kept="ends").endswith(".jpg")
    assert all(text_width(cut(20 * "w", width)) <= width for width in (20, 50, 90))
    assert wrapped("is a class of many words", 70, at_most=2) == ["is a class of", "many words"]
    lines = wrapped("predicted a class of many long words, 85 %", 90, at_most=2, kept="ends")
    assert len(lines) == 2
    assert lines[-1].endswith("85 %")
    assert wrapped("predicted, 100\N{NO-BREAK SPACE}%", 85, at_most=2) == ["predicted,", "100\N{NO-BREAK SPACE}%"]


def test_the_sheet_of_a_finding_names_files_and_what_it_is_about(folder):
    config = Config()
    intake = take_in(str(folder), config)
    rows = image_rows(intake, config)
    row = rows.names.index("grün/g_3.jpg")
    assert picture_of(rows, intake, row, "D110") == Picture(row=row, caption="grün", file="g_3.jpg")
    assert picture_of(rows, intake, row, "D103").caption == "grün, RGB"
    assert picture_of(rows, intake, row, "D104").caption == "grün, 40 x 30"
