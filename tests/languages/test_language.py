"""Languages: sentences with places, pages whose markup stays, and catalogues that are whole."""

import re
import tomllib
from html import escape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.languages import ENGLISH, HERE, LANGUAGES
from labbook.languages.figure import translated_figure
from labbook.languages.html import translated_page, words_block
from labbook.languages.language import Language, language_of
from labbook.languages.sentences import PLACE
from labbook.report.figures.figure import Axis, Dots, Figure, Panel, as_data

OTHERS = [name for name in LANGUAGES if name != ENGLISH]
WORDS = {
    "joining": {"{a}: {b}": "{a}：{b}"},
    "numbers": {"{n} run(s)": "{n} 次运行", "{n} to {n_high}": "{n} 至 {n_high}"},
    "page": {
        "Use {what}": "用 {what}",
        "this is sure": "这是肯定的",
        "{one} is better than {other} by {n}": "{one} 比 {other} 好 {n}",
        "Written from <code>{path}</code> by <b>us</b>": "<b>我们</b>由 <code>{path}</code> 写成",
        "loss": "损失",
    },
    "scripts": {"{0} of {1} rows shown.": "{0}/{1}"},
}


def words():
    return Language("zh", WORDS)


@pytest.mark.parametrize(
    ("english", "translated"),
    [
        ("Use hidden 64", "用 hidden 64"),
        ("use the loss", "用 the loss"),
        ("1 run", "1 次运行"),
        ("1,200 runs", "1,200 次运行"),
        ("0.93 to 1.01", "0.93 至 1.01"),
        ("−8.1\xa0% to 2.50×10⁻⁵", "−8.1\xa0% 至 2.50×10⁻⁵"),
        ("rate 0.1: loss", "rate 0.1: loss"),  # who joins words must know them all
        ("loss: 3 runs", "损失：3 次运行"),
        ("loss and 3 runs.", "损失、3 次运行。"),
        ("; ".join(["loss"] * 40), "；".join(["损失"] * 40)),
        ("This is sure. Use x. Nobody knows this.", "这是肯定的。用 x。Nobody knows this."),
        ("  loss ", "  损失 "),
        ("A is better than B by −3", "A 比 B 好 −3"),
        ("A is better than B by far", "A is better than B by far"),
        ("Does it help, and by how much?", "Does it help, and by how much?"),
        ("3.14", "3.14"),
    ],
)
def test_sentences(english, translated):
    assert words().text(english) == translated


def test_names_of_users_stay() -> None:
    page = '<td translate="no">loss</td><td class="x" translate="no">loss</td><td>loss</td>'
    assert translated_page(page, words()) == page.replace("<td>loss", "<td>损失")
    assert words().keeping(["loss"]).text("Use loss") == "用 loss"


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", ["start", "theory", "better"])
def test_a_recipe_or_a_tuning_named_by_a_word_of_ours_keeps_its_name(language, name):
    known = language_of(language)
    assert known.text(name) != name
    for said in (
        f"The recipe {name} has a test MSE of 3, with 2 of 5 runs.",
        f"The recipe {name} has no test MSE, as all of its 5 runs diverged.",
        f"Chosen values of {name}",
        f"Rows of step 3 of {name}",
    ):
        assert name in known.text(said)
        assert known.text(said) != said


def test_what_is_not_known_is_remembered():
    language = words()
    language.text("Nobody knows this. Use x.")
    assert list(language.unknown) == ["Nobody knows this."]


def test_a_page_keeps_its_markup():
    page = (
        '<html lang="en"><p class="loss" title="Use it">Written from <code class=\'a\'>loss</code> by '
        "<b id=x>us</b>.</p><p>loss<br>3 runs &lt;b&gt; it&#39;s <i>loss</i></p>"
        "<script>loss</script><style>loss</style><code>loss</code><!-- loss -->"
    )
    assert translated_page(page, words()) == (
        '<html lang="zh"><p class="loss" title="用 it"><b id=x>我们</b>由 <code class=\'a\'>loss</code>'
        " 写成。</p><p>损失<br>3 runs &lt;b&gt; it's <i>损失</i></p>"
        "<script>loss</script><style>loss</style><code>loss</code><!-- loss -->"
    )


class Tags(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, attrs))


@given(st.text(st.sampled_from("Use lo<>&\"'/bs={}: and.;x1")), st.text())
def test_hostile_texts_stay_texts(text, more):
    """In a text, in an attribute, in a place of a sentence, and whatever braces they hold."""
    for said in (text, more, f"Use {text}", f"{text}: loss", f"{text} and {more}"):
        page = f'<p title="{escape(said)}">{escape(said)}</p><i>{escape(more)}</i>'
        tags = Tags(translated_page(page, words())).found
        assert [(tag, [name for name, _ in attributes]) for tag, attributes in tags] == [
            ("p", ["title"]),
            ("i", []),
        ]


def test_figures_and_their_data_say_the_same():
    marks = [Dots([1.0], [2.0], texts=["3 runs"], name="loss")]
    figure = Figure("Use x", "loss", "loss", [Panel(marks, Axis("loss"))], legend={"loss": "main"})
    translated = translated_figure(figure, words())
    assert translated.title == "用 x"
    assert translated.panels[0].marks[0] == Dots([1.0], [2.0], texts=["3 次运行"], name="损失")
    assert translated.legend == {"损失": "main"}
    assert as_data(translated) == translated_figure(as_data(figure), words())


def test_words_of_scripts_cannot_end_their_block():
    language = Language("zh", {"scripts": {"a": "</script><b>"}})
    assert "<" not in words_block(language)
    assert language_of(ENGLISH) is None


def catalogue(name):
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", OTHERS)
def test_catalogues_are_whole(name):
    """Each sentence stands once; what it is called has the same places and tags."""
    entries = [
        (section, english, said)
        for section, pairs in catalogue(name).items()
        for english, said in pairs.items()
    ]
    plain = [english for section, english, _ in entries if section != "scripts"]
    assert sorted(plain) == sorted(set(plain))
    for section, english, said in entries:
        places = r"\{\w+\}"
        assert set(re.findall(places, said)) <= set(re.findall(places, english)), english
        assert sorted(re.findall("</?[a-z]+>", said)) == sorted(re.findall("</?[a-z]+>", english))
        assert said.strip(), english
        if section != "scripts":
            assert "(s)" not in PLACE.sub("", said)


@pytest.mark.parametrize("name", OTHERS)
def test_catalogues_have_all_words_of_scripts(name):
    scripts = HERE.parent / "report/page/scripts"
    known = catalogue(name)["scripts"]
    for file in ("words.js", "explore_words.js"):
        lines = (scripts / file).read_text(encoding="utf-8").partition("said({")[2]
        said = re.findall(r'"((?:[^"\\]|\\.)*)"', lines.partition("});")[0])
        assert len(said) > 10
        assert [one for one in said if one not in known] == []
