"""Read a quiz with Moodle's own importer: python -m tests.moodle_import MOODLE xml|gift FILE

MOODLE is a checkout of Moodle (2.3 and later), of which `question/format.php`, `question/format/` and `lib/xmlize.php`
are used; PHP with its XML module must be installed. What the importer calls of the rest of Moodle stands in below.
Prints what it made of the file, and how many errors it met.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

USED = ("question/format.php", "question/format/xml/format.php", "question/format/gift/format.php", "lib/xmlize.php")
# What PHP 8 refuses of the older versions.
NEWER = (
    (r"implode\((\$\w+), (' '|\"\\n\")\)", r"implode(\2, \1)"),
    (r"(\$\w+)\{0\}", r"\1[0]"),
    (r"public \$line;", ""),
    (r"\bMATCH\b", "MATCHING"),
    (r"correctfeedback = ''", "correctfeedback = array()"),
)
STANDS_IN = r"""<?php
error_reporting(E_ERROR | E_PARSE);
define('MOODLE_INTERNAL', true);
foreach (['MOODLE', 'HTML', 'PLAIN', 'WIKI', 'MARKDOWN'] as $at => $name) define("FORMAT_$name", $at);
foreach (['multichoice', 'truefalse', 'shortanswer', 'numerical', 'matching', 'essay', 'description', 'multianswer']
         as $name) define(strtoupper($name), $name);
class moodle_exception extends Exception {
    function __construct($code) { parent::__construct($code); }
}
class core_text { static function __callStatic($name, $given) {
    return $name == 'trim_utf8_bom' ? $given[0] : ("mb_$name")(...$given);
} }
class_alias('core_text', 'textlib');
class core_tag_tag { static function is_enabled() { return false; } }
class question_type { function __call($name, $given) { return false; } }
class multichoice { function import_from_xml($data, $question, $format, $extra = null) { return $extra; } }
class question_bank {
    static function get_qtype($name) { return $name == 'multichoice' ? new multichoice() : new question_type(); }
    static function get_all_qtypes() { return []; }
}
function get_string($name) { return "[$name]"; }
function debugging($text) { fwrite(STDERR, "$text\n"); }
function get_config() { return 1; }
function clean_param($text) { return $text; }
function shorten_text($text, $size) { return mb_substr($text, 0, $size); }
$CFG = (object)['libdir' => __DIR__ . '/lib', 'dirroot' => __DIR__];
require __DIR__ . '/question/format.php';
require __DIR__ . "/question/format/$argv[1]/format.php";
$class = "qformat_$argv[1]";
$format = new $class();
function asked($format, $name, ...$given) { return (new ReflectionMethod($format, $name))->invoke($format, ...$given); }
ob_start();
$questions = asked($format, 'readquestions', asked($format, 'readdata', $argv[2]));
ob_end_clean();
echo json_encode(['errors' => $format->importerrors, 'questions' => $questions]);
"""


def imported(moodle: Path, form: str, file: Path) -> dict[str, Any]:
    """The number of errors, and the questions as Moodle stores them."""
    with tempfile.TemporaryDirectory() as folder:
        for name in USED:
            text = (moodle / name).read_text(encoding="utf-8")
            for pattern, other in NEWER:
                text = re.sub(pattern, other, text)
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        Path(folder, "read.php").write_text(STANDS_IN, encoding="utf-8")
        done = subprocess.run(
            ["php", f"{folder}/read.php", form, str(file.absolute())], capture_output=True, text=True, check=True
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main(moodle: str, form: str, file: str) -> None:
    """Print the questions with their answers."""
    found = imported(Path(moodle), form, Path(file))
    for one in found["questions"]:
        if one["qtype"] == "category":
            print("category", one["category"])
            continue
        print(f"{one['qtype']} {one['name']}: {one['questiontext']!r}")
        for answer, share, said in zip(one["answer"], one["fraction"], one["feedback"], strict=True):
            print(f"  {share} {answer['text']!r}: {said['text']!r}")
    print(f"{len(found['questions'])} questions, {found['errors']} errors")


if __name__ == "__main__":
    main(*sys.argv[1:])
