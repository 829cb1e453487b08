"""What evaluate.py does by itself, without a cluster: `python -m unittest` in this folder."""

import os
import stat
import tempfile
import unittest

import pyarrow

import evaluate

TABLE = pyarrow.RecordBatch.from_pydict({"station": ["A"], "date": ["2026-01-01"], "pm25": [1.0]})
DESCRIBED = {
    "together": ["period", "date"],
    "columns": [{"name": "period", "also": ["时段"]}, {"name": "date", "also": ["judged_on"]}],
}


class Evaluate(unittest.TestCase):
    def program(self, text):
        """A program in place of `lucid`."""
        folder = tempfile.mkdtemp()
        path = os.path.join(folder, "lucid")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{text}\n")
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
        self.addCleanup(lambda: (os.remove(path), os.rmdir(folder)))
        return path

    def said(self, program):
        with self.assertRaises(evaluate.Ended) as raised:
            list(evaluate.judged([TABLE], [program, "evaluate", "air-period"], TABLE.schema.names))
        return str(raised.exception)

    def test_a_part_goes_through_a_program(self):
        [batch] = evaluate.judged([TABLE], [self.program("exec cat")], ["station", "pm25"])
        self.assertEqual(batch, TABLE.select(["station", "pm25"]))
        self.assertEqual(list(evaluate.judged([], ["nothing"], [])), [])

    def test_a_program_that_dies_is_told(self):
        said = self.said(self.program("echo one moment >&2; kill -9 $$"))
        self.assertIn("was ended by SIGKILL after 0 rows of its result", said)
        self.assertIn("It said: one moment", said)

    def test_a_refusal_is_told_in_its_own_words(self):
        said = self.said(self.program("cat > /dev/null; echo row 7: it is wrong >&2; exit 1"))
        self.assertIn("ended with exit code 1", said)
        self.assertIn("row 7: it is wrong", said)

    def test_a_result_that_is_cut_does_not_count(self):
        said = self.said(self.program("head -c 100; exit 0"))
        self.assertIn("part 0", said)

    def test_a_program_that_is_not_there_is_told(self):
        self.assertIn("cannot be started", self.said("/nowhere/lucid"))

    def test_keys_are_the_columns_of_the_table(self):
        self.assertEqual(evaluate.keys(DESCRIBED, ["City", "时段", "judged-on"]), ["时段", "judged-on"])
        self.assertEqual(evaluate.keys(DESCRIBED, ["city"]), [])
        self.assertEqual(evaluate.keys({**DESCRIBED, "together": "all"}, ["period"]), [])
        self.assertIsNone(evaluate.keys({**DESCRIBED, "together": []}, ["period"]))

    def test_titles_are_read_as_lucid_reads_them(self):
        for title, name in [("PM2.5 (µg/m³)", "pm25"), ("等效声级（dB(A)）", "等效声级"), ("a)", "a)")]:
            self.assertEqual(evaluate.bare(title), name)

    def test_a_line_is_quoted_where_it_must_be(self):
        self.assertEqual(evaluate.line(["a", 'b"', "c,d", ""]), 'a,"b""","c,d",')


if __name__ == "__main__":
    unittest.main()
