"""A hundred and five sheets as people hand them in, each written out: name, text, how many answers are right, how many unreadable.

The key has five questions; the answers were worked out by hand: 5·5·3·16 + 16, 16 x 32 x 32, 9·16·24·14·14, 4704·10 + 10
and the sum of all parameters, 1216 + 3480 + 47050.
"""

# ruff: noqa: E501
from __future__ import annotations

from typing import NamedTuple

from tests.messy_sheets import NETWORK

KEY = (
    NETWORK
    + """expect:
  conv1.shape: {value: 0, text: "What is the output shape of the first convolution?"}
  conv1.params: {value: 0, text: "How many parameters does the first convolution have?"}
  conv2.macs: {value: 0, text: "How many multiply-accumulates in the second convolution?"}
  fc.params: {value: 0, text: "Parameters of the fully connected layer?"}
  total.params: {value: 0, text: "How many parameters are there in total?"}
"""
)


class Odd(NamedTuple):
    """A sheet: its file's name and text, the answers that are right, wrong and unreadable; the rest is unanswered."""

    name: str
    text: str
    right: int = 5
    wrong: int = 0
    unreadable: int = 0


Q1, Q2, Q3, Q4, Q5 = (
    "What is the output shape of the first convolution?",
    "How many parameters does the first convolution have?",
    "How many multiply-accumulates in the second convolution?",
    "Parameters of the fully connected layer?",
    "How many parameters are there in total?",
)

SHEETS: tuple[Odd, ...] = (
    Odd("plain.txt", "conv1.shape: 16x32x32\nconv1.params: 1216\nconv2.macs: 677376\nfc.params: 47050\ntotal.params: 51746\n"),
    Odd("equals.txt", "conv1.shape = (16,32,32)\nconv1.params = 1216\nconv2.macs = 677376\nfc.params = 47050\ntotal.params = 51746\n"),
    Odd("arrows.txt", "conv1.shape -> 16x32x32\nconv1.params -> 1216\nconv2.macs -> 677376\nfc.params -> 47050\ntotal.params -> 51746\n"),
    Odd("name on top.txt", "Name: Ada L.\nStudent ID: 12345\nDate: 3.11.\n\nconv1.shape: 16x32x32\nconv1.params: 1216\nconv2.macs: 677376\nfc.params: 47050\ntotal.params: 51746\n"),
    Odd("greeting.txt", "Dear Prof. X,\n\nhere are my answers.\n\nconv1.shape: 16x32x32\nconv1.params: 1216\nconv2.macs: 677376\nfc.params: 47050\ntotal.params: 51746\n\nBest,\nBo\n"),
    Odd("windows.txt", "conv1.shape: 16x32x32\r\nconv1.params: 1216\r\nconv2.macs: 677376\r\nfc.params: 47050\r\ntotal.params: 51746\r\n"),
    Odd("bom.txt", "\ufeffconv1.shape: 16x32x32\nconv1.params: 1216\nconv2.macs: 677376\nfc.params: 47050\ntotal.params: 51746\n"),
    Odd("capitals.txt", "CONV1.SHAPE: 16x32x32\nConv1.Params: 1216\nConv2.MACs: 677376\nFC.params: 47050\nTotal.Params: 51746\n"),
    Odd("spaces.txt", "conv1 shape : 16 x 32 x 32\nconv1 params : 1216\nconv2 macs : 677376\nfc params : 47050\ntotal params : 51746\n"),
    Odd("tabs.txt", "conv1.shape\t16x32x32\nconv1.params\t1216\nconv2.macs\t677376\nfc.params\t47050\ntotal.params\t51746\n"),
    Odd("bullets.md", "# Week 3\n\n- conv1.shape: **16x32x32**\n- conv1.params: **1216**\n- conv2.macs: **677,376**\n- fc.params: **47,050**\n- total.params: **51,746**\n"),
    Odd("stars.md", "* conv1.shape: `(16, 32, 32)`\n* conv1.params: `1216`\n* conv2.macs: `677376`\n* fc.params: `47050`\n* total.params: `51746`\n"),
    Odd("numbered.md", f"1. {Q1} 16x32x32\n2. {Q2} 1216\n3. {Q3} 677376\n4. {Q4} 47050\n5. {Q5} 51746\n"),
    Odd("numbers alone.txt", "1) 16x32x32\n2) 1216\n3) 677376\n4) 47050\n5) 51746\n"),
    Odd("Q numbers.txt", "Q1: 16x32x32\nQ2: 1216\nQ3: 677376\nQ4: 47050\nQ5: 51746\n"),
    Odd("Q dots.txt", "Q1. 16x32x32\nQ2. 1216\nQ3. 677376\nQ4. 47050\nQ5. 51746\n"),
    Odd("aufgabe.txt", "Aufgabe 1: 16x32x32\nAufgabe 2: 1.216\nAufgabe 3: 677.376\nAufgabe 4: 47.050\nAufgabe 5: 51.746\n"),
    Odd("headings.md", f"## {Q1}\n\n16x32x32\n\n## {Q2}\n\n1216\n\n## {Q3}\n\n677376\n\n## {Q4}\n\n47050\n\n## {Q5}\n\n51746\n"),
    Odd("bold questions.md", f"**{Q1}**\n16x32x32\n\n**{Q2}**\n1216\n\n**{Q3}**\n677376\n\n**{Q4}**\n47050\n\n**{Q5}**\n51746\n"),
    Odd("answers below.txt", f"{Q1}\nA: 16x32x32\n\n{Q2}\nA: 1216\n\n{Q3}\nA: 677376\n\n{Q4}\nA: 47050\n\n{Q5}\nA: 51746\n"),
    Odd("answer word.txt", f"{Q1}\nAnswer: 16x32x32\n{Q2}\nAnswer: 1216\n{Q3}\nAnswer: 677376\n{Q4}\nAnswer: 47050\n{Q5}\nAnswer: 51746\n"),
    Odd("table.md", "| question | answer |\n|---|---|\n| conv1.shape | 16x32x32 |\n| conv1.params | 1216 |\n| conv2.macs | 677376 |\n| fc.params | 47050 |\n| total.params | 51746 |\n"),
    Odd("table with numbers.md", f"| # | question | answer |\n|:-:|---|--:|\n| 1 | {Q1} | 16x32x32 |\n| 2 | {Q2} | 1216 |\n| 3 | {Q3} | 677376 |\n| 4 | {Q4} | 47050 |\n| 5 | {Q5} | 51746 |\n"),
    Odd("table with working.md", "| question | answer | working |\n|---|---|---|\n| conv1.shape | 16x32x32 | same padding |\n| conv1.params | 1216 | 5*5*3*16+16 |\n| conv2.macs | 677376 | |\n| fc.params | 47050 | |\n| total.params | 51746 | sum |\n"),
    Odd("yaml.yaml", "conv1.shape: [16, 32, 32]\nconv1.params: 1216\nconv2.macs: 677376\nfc.params: 47050\ntotal.params: 51746\n"),
    Odd("nested.yaml", "conv1:\n  shape: [16, 32, 32]\n  params: 1216\nconv2:\n  macs: 677376\nfc:\n  params: 47050\ntotal:\n  params: 51746\n"),
    Odd("expect.yaml", "expect:\n  conv1.shape: [16, 32, 32]\n  conv1.params: 1216\n  conv2.macs: 677376\n  fc.params: 47050\n  total.params: 51746\n"),
    Odd("list.yaml", "- conv1.shape: [16, 32, 32]\n- conv1.params: 1216\n- conv2.macs: 677376\n- fc.params: 47050\n- total.params: 51746\n"),
    Odd("broken.yaml", "conv1.shape: [16, 32, 32\nconv1.params: 1216\nconv2.macs: 677376\nfc.params: 47050\ntotal.params: 51746\n", right=4, unreadable=1),
    Odd("tab.yaml", "conv1.shape:\t[16, 32, 32]\nconv1.params:\t1216\nconv2.macs:\t677376\nfc.params:\t47050\ntotal.params:\t51746\n"),
    Odd("quotes.yaml", "\"conv1.shape\": \"16x32x32\"\n'conv1.params': '1216'\nconv2.macs: \"677,376\"\nfc.params: '47,050'\ntotal.params: '51 746'\n"),
    Odd("no space.yaml", "conv1.shape:[16, 32, 32]\nconv1.params:1216\nconv2.macs:677376\nfc.params:47050\ntotal.params:51746\n"),
    Odd("comments.yaml", "# my answers\nconv1.shape: [16, 32, 32] # same\nconv1.params: 1216 # with biases\nconv2.macs: 677376\nfc.params: 47050\ntotal.params: 51746 # sum\n"),
    Odd("flat.json", '{"conv1.shape": [16, 32, 32], "conv1.params": 1216, "conv2.macs": 677376, "fc.params": "47050", "total.params": 51746}'),
    Odd("nested.json", '{"answers": {"conv1.shape": "16x32x32", "conv1.params": "1216", "conv2.macs": "677376", "fc.params": "47050", "total.params": "51746"}}'),
    Odd("rows.json", '[{"question": "conv1.shape", "answer": "16x32x32"}, {"question": "conv1.params", "answer": 1216}, {"question": "conv2.macs", "answer": 677376}, {"question": "fc.params", "answer": 47050}, {"question": "total.params", "answer": 51746}]'),
    Odd("trailing comma.json", '{"conv1.shape": [16, 32, 32], "conv1.params": 1216, "conv2.macs": 677376, "fc.params": 47050, "total.params": 51746,}'),
    Odd("pairs.csv", "question,answer\nconv1.shape,16x32x32\nconv1.params,1216\nconv2.macs,677376\nfc.params,47050\ntotal.params,51746\n"),
    Odd("semicolons.csv", "Frage;Antwort\nconv1.shape;16x32x32\nconv1.params;1.216\nconv2.macs;677.376\nfc.params;47.050\ntotal.params;51.746\n"),
    Odd("quoted.csv", 'question,answer\n"conv1.shape","(16, 32, 32)"\n"conv1.params","1,216"\n"conv2.macs","677,376"\n"fc.params","47,050"\n"total.params","51,746"\n'),
    Odd("no header.csv", "conv1.shape,16x32x32\nconv1.params,1216\nconv2.macs,677376\nfc.params,47050\ntotal.params,51746\n"),
    Odd("words.csv", f'"{Q1}","16x32x32"\n"{Q2}","1216"\n"{Q3}","677376"\n"{Q4}","47050"\n"{Q5}","51746"\n'),
    Odd("form.csv", f'Timestamp,Email Address,"{Q1}","{Q2}","{Q3}","{Q4}","{Q5}",Comments\n2026/11/03 9:14:02,ada@uni.edu,16x32x32,1216,677376,47050,51746,nice sheet\n'),
    Odd("columns.csv", "name,conv1.shape,conv1.params,conv2.macs,fc.params,total.params\nAda,16x32x32,1216,677376,47050,51746\n"),
    Odd("blank rows.csv", "question,answer\n\nconv1.shape,16x32x32\n,\nconv1.params,1216\n\nconv2.macs,677376\nfc.params,47050\n,,\ntotal.params,51746\n"),
    Odd("formulas.csv", "question,answer\nconv1.shape,16x32x32\nconv1.params,=5*5*3*16+16\nconv2.macs,=9*16*24*14*14\nfc.params,=4704*10+10\ntotal.params,=1216+3480+47050\n"),
    Odd("values.tsv", "question\tanswer\nconv1.shape\t16x32x32\nconv1.params\t1216\nconv2.macs\t677376\nfc.params\t47050\ntotal.params\t51746\n"),
    Odd("items.tex", "\\documentclass{article}\n\\begin{document}\n\\begin{itemize}\n\\item conv1.shape: $16 \\times 32 \\times 32$\n\\item conv1.params: $1216$\n\\item conv2.macs: $677{,}376$\n\\item fc.params: \\textbf{47050}\n\\item total.params: 51746\n\\end{itemize}\n\\end{document}\n"),
    Odd("tabular.tex", "\\begin{tabular}{lr}\n\\toprule\nquestion & answer \\\\\n\\midrule\nconv1.shape & $16\\times32\\times32$ \\\\\nconv1.params & 1216 \\\\\nconv2.macs & 677\\,376 \\\\\nfc.params & 47\\,050 \\\\\ntotal.params & 51\\,746 \\\\\n\\bottomrule\n\\end{tabular}\n"),
    Odd("one missing.txt", "conv1.shape: 16x32x32\nconv1.params: 1216\nfc.params: 47050\ntotal.params: 51746\n", right=4),
    Odd("one left blank.txt", "conv1.shape: 16x32x32\nconv1.params:\nconv2.macs: 677376\nfc.params: 47050\ntotal.params: 51746\n", right=4),
    Odd("question mark.txt", "conv1.shape: 16x32x32\nconv1.params: ???\nconv2.macs: 677376\nfc.params: 47050\ntotal.params: 51746\n", right=4),
    Odd("no idea.txt", "conv1.shape: 16x32x32\nconv1.params: no idea, sorry\nconv2.macs: 677376\nfc.params: 47050\ntotal.params: 51746\n", right=4, unreadable=1),
    Odd("twice.txt", "conv1.shape: 16x32x32\nconv1.params: 1200\nconv1.params: 1216\nconv2.macs: 677376\nfc.params: 47050\ntotal.params: 51746\n", right=4, unreadable=1),
    Odd("twice the same.txt", "conv1.shape: 16x32x32\nconv1.params: 1216\nconv1.params: 1216\nconv2.macs: 677376\nfc.params: 47050\ntotal.params: 51746\n"),
    Odd("extra.txt", "conv1.shape: 16x32x32\nconv1.params: 1216\nbonus: 42\nconv2.macs: 677376\nfc.params: 47050\ntotal.params: 51746\n"),
    Odd("working.txt", "conv1.shape: (32 + 2*2 - 5)/1 + 1 = 32, so 16x32x32\nconv1.params: 5*5*3*16 + 16 = 1216\nconv2.macs: 9*16*24*14*14 = 677376\nfc.params: 4704*10 + 10 = 47050\ntotal.params: 1216 + 3480 + 47050 = 51746\n"),
    Odd("sentences.txt", "conv1.shape: The output is 16x32x32.\nconv1.params: It has 1216 parameters.\nconv2.macs: we get 677,376 MACs\nfc.params: there are 47050 parameters\ntotal.params: so 51746 in total\n"),
    Odd("our own table.txt", "conv1.shape  (N, 16, 32, 32)\nconv1.params       1,216\nconv2.macs       677,376\nfc.params         47,050\ntotal.params      51,746\n"),
    Odd("wrong one.txt", "conv1.shape: 16x32x32\nconv1.params: 1200\nconv2.macs: 677376\nfc.params: 47050\ntotal.params: 51730\n", right=3, wrong=2),
    # Pasted, exported, photographed.
    Odd('bullets of Word.txt', '• conv1.shape – (16, 32, 32)\n• conv1.params – 1216\n• conv2.macs – 677376\n• fc.params – 47050\n• total.params – 51746\n'),
    Odd('dashes.txt', 'conv1.shape — 16×32×32\nconv1.params — 1.216\nconv2.macs — 677.376\nfc.params — 47.050\ntotal.params — 51.746\n'),
    Odd('letters.txt', 'a) 16x32x32\nb) 1216\nc) 677376\nd) 47050\ne) 51746\n'),
    Odd('letters in brackets.txt', '(a) 16x32x32\n(b) 1216 parameters\n(c) 677376 MACs\n(d) 47050\n(e) 51746\n'),
    Odd('roman.txt', '(i) 16x32x32\n(ii) 1216\n(iii) 677376\n(iv) 47050\n(v) 51746\n'),
    Odd('solution.txt', 'Solution to question 1: 16x32x32\nSolution to question 2: 1216\nSolution to question 3: 677376\nSolution to question 4: 47050\nSolution to question 5: 51746\n'),
    Odd('exercise.txt', 'Exercise 1\n16x32x32\n\nExercise 2\n1216\n\nExercise 3\n677376\n\nExercise 4\n47050\n\nExercise 5\n51746\n'),
    Odd('réponses.txt', 'Nom : Dupont\nRéponse 1 : 16x32x32\nRéponse 2 : 1\u202f216\nRéponse 3 : 677\u202f376\nRéponse 4 : 47\u202f050\nRéponse 5 : 51\u202f746\n'),
    Odd('antworten.txt', 'Name: Müller\nAntwort 1: 16x32x32\nAntwort 2: 1.216\nAntwort 3: 677.376\nAntwort 4: 47.050\nAntwort 5: 51.746\n'),
    Odd('nr.txt', 'Nr. 1: 16x32x32\nNr. 2: 1216\nNr. 3: 677376\nNr. 4: 47050\nNr. 5: 51746\n'),
    Odd('excel sci.csv', 'question,answer\nconv1.shape,16x32x32\nconv1.params,1.216E+03\nconv2.macs,6.77376E+05\nfc.params,4.705E+04\ntotal.params,5.1746E+04\n'),
    Odd('floats.csv', 'question,answer\nconv1.shape,"16,32,32"\nconv1.params,1216.0\nconv2.macs,677376.0\nfc.params,47050.0\ntotal.params,51746.0\n'),
    Odd('responses.csv', 'Surname,First name,Email address,State,Started on,Completed,Time taken,Grade/10.00,Response 1,Response 2,Response 3,Response 4,Response 5\nL,Ada,a@b.c,Finished,x,y,z,-,16x32x32,1216,677376,47050,51746\n'),
    Odd('table by numbers.md', '| Q | A |\n|---|---|\n| 1 | `16x32x32` |\n| 2 | 1,216 |\n| 3 | 677,376 |\n| 4 | 47,050 |\n| 5 | 51,746 |\n'),
    Odd('table across.md', '| conv1.shape | conv1.params | conv2.macs | fc.params | total.params |\n|--|--|--|--|--|\n| 16x32x32 | 1216 | 677376 | 47050 | 51746 |\n'),
    Odd('boxes.md', '- [x] conv1.shape: 16x32x32\n- [x] conv1.params: 1216\n- [x] conv2.macs: 677376\n- [ ] fc.params: 47050\n- [x] total.params: 51746\n'),
    Odd('bold numbers.md', '**Q1.** $16 \\times 32 \\times 32$\n\n**Q2.** $5^2 \\cdot 3 \\cdot 16 + 16 = 1216$\n\n**Q3.** $3^2\\cdot16\\cdot24\\cdot14^2 = 677376$\n\n**Q4.** $47050$\n\n**Q5.** $51746$\n'),
    Odd('quote.md', '> What is the output shape of the first convolution?\n\n16x32x32\n\n> How many parameters does the first convolution have?\n\n1216\n\n> How many multiply-accumulates in the second convolution?\n\n677376\n\n> Parameters of the fully connected layer?\n\n47050\n\n> How many parameters are there in total?\n\n51746\n'),
    Odd('enumerate.tex', '\\begin{enumerate}\n\\item $(16,32,32)$\n\\item $5\\cdot5\\cdot3\\cdot16+16=1216$\n\\item $677{,}376$\n\\item $47\\,050$\n\\item \\boxed{51746}\n\\end{enumerate}\n'),
    Odd('questions.tex', '\\question{What is the output shape of the first convolution?} 16x32x32\n\\question{How many parameters does the first convolution have?} 1216\n\\question{How many multiply-accumulates in the second convolution?} 677376\n\\question{Parameters of the fully connected layer?} 47050\n\\question{How many parameters are there in total?} 51746\n'),
    Odd('align.tex', '\\begin{align*}\n\\text{conv1.shape} &= 16\\times 32\\times 32\\\\\n\\text{conv1.params} &= 1216\\\\\n\\text{conv2.macs} &= 677376\\\\\n\\text{fc.params} &= 47050\\\\\n\\text{total.params} &= 51746\n\\end{align*}\n'),
    Odd('notebook.ipynb', '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "markdown", "metadata": {}, "source": ["# HW\\n", "conv1.shape: 16x32x32\\n", "conv1.params: 1216\\n"]}, {"cell_type": "code", "metadata": {}, "execution_count": 1, "outputs": [], "source": ["x=1"]}, {"cell_type": "markdown", "metadata": {}, "source": ["conv2.macs: 677376\\n", "\\n", "fc.params: 47050\\n", "\\n", "total.params: 51746"]}]}'),
    Odd('dictionary.txt', 'answers = {\n    "conv1.shape": (16, 32, 32),\n    "conv1.params": 1216,\n    "conv2.macs": 677376,\n    "fc.params": 47050,\n    "total.params": 51746,\n}\n'),
    Odd('answers.py', 'conv1_shape = (16, 32, 32)\nconv1_params = 5*5*3*16 + 16\nconv2_macs = 677_376\nfc_params = 47050\ntotal_params = 51746\n'),
    Odd('letters for digits.txt', 'conv1.shape: 16 x 32 x 32\nconv1.params: l2l6\nconv2.macs: 677376\nfc.params: 47O50\ntotal.params: 51746\n', right=3, unreadable=2),
    Odd('stray points.txt', 'conv1.shape : 16x32x32 .\nconv1.params : 1216 .\nconv2.macs : 677376\nfc.params : 47050 ,\ntotal.params : 51746\n'),
    Odd('chat.txt', 'Hi! Here is my homework:\nQ1 16x32x32\nQ2 1216\nQ3 677376\nQ4 47050\nQ5 51746\nThanks :)\n'),
    Odd('struck.md', 'conv1.shape: 16x32x32\nconv1.params: ~~1200~~ 1216\nconv2.macs: 677376\nfc.params: 47050\ntotal.params: 51746\n'),
    Odd('page.html', '<table><tr><th>Question</th><th>Answer</th></tr><tr><td>conv1.shape</td><td>16x32x32</td></tr><tr><td>conv1.params</td><td>1216</td></tr><tr><td>conv2.macs</td><td>677376</td></tr><tr><td>fc.params</td><td>47050</td></tr><tr><td>total.params</td><td>51746</td></tr></table>'),
    Odd('wide colons.txt', 'conv1.shape: 16x32x32\nconv1.params：1216\nconv2.macs：677376\nfc.params：47050\ntotal.params：51746\n'),
    Odd('numbers above.txt', '1.\r\n16x32x32\r\n2.\r\n1216\r\n3.\r\n677376\r\n4.\r\n47050\r\n5.\r\n51746\r\n'),
    Odd('two unreadable.txt', 'conv1.shape: 16x32x32\nconv1.params: see attached photo\nconv2.macs: 677376\nfc.params: I think about the 4704 inputs\ntotal.params: 51746\n', right=3, unreadable=2),
    Odd('headings of layers.md', '# Week 3\n\n## conv1\n\n- shape: 16x32x32\n- params: 1216\n\n## conv2\n- macs: 677376\n\n## fc\n- params: 47050\n\n## total\n- params: 51746\n'),
    Odd('answered below.eml', 'Hi,\n\nOn Mon, Nov 2, 2026 at 9:00 AM Prof <p@x.org> wrote:\n> conv1.shape:\n> conv1.params:\n> conv2.macs:\n> fc.params:\n> total.params:\n\nconv1.shape: 16x32x32\nconv1.params: 1216\nconv2.macs: 677376\nfc.params: 47050\ntotal.params: 51746\n'),
    Odd('answered between.eml', f'> 1. {Q1}\n\n16x32x32\n\n> 2. {Q2}\n\n5*5*3*16 + 16 = 1216\n\n> 3. {Q3}\n\n677376\n\n> 4. {Q4}\n\n47050\n\n> 5. {Q5}\n\n51746\n'),
    Odd('leaders.txt', 'conv1.shape ....... 16x32x32\nconv1.params ...... 1216\nconv2.macs …… 677376\nfc.params ...... 47050\ntotal.params ... 51746\n'),
    Odd('a layer a line.txt', 'conv1: shape 16x32x32, params 1216\nconv2: macs 677376\nfc: params 47050\ntotal.params: 51746\n'),
    Odd('answers to questions.txt', 'The answer to question 1 is 16x32x32.\nThe answer to question 2 is 1216.\nThe answer to question 3 is 677376.\nThe answer to question 4 is 47050.\nThe answer to question 5 is 51746.\n'),
    Odd('square brackets.txt', '[1] 16x32x32\n[2] 1216\n[3] 677376\n[4] 47050\n[5] 51746\n'),
    Odd('one line.txt', '1: 16x32x32 | 2: 1216 | 3: 677376 | 4: 47050 | 5: 51746\n'),
    Odd('derivations.txt', 'conv1.shape : [16,32,32]   (floor((64 + 4 - 5)/2) + 1 = 32)\nconv1.params : There are 1216 parameters because each of 16 filters has 75 weights and a bias\nconv2.macs : 677376 (9 products for each of 16 channels)\nfc.params: weights and biases, so 47050\ntotal.params: 51746 (or 52000)\n', right=4, unreadable=1),
    Odd('named items.tex', '\\begin{itemize}\n\\item[conv1.shape] $16\\times32\\times32$\n\\item[conv1.params] $1216$\n\\item[conv2.macs] $677376$\n\\item[fc.params] $47050$\n\\item[total.params] $51746$\n\\end{itemize}\n'),
    Odd('fragment.html', '<p>conv1.shape: <b>16x32x32</b></p>\n<p>conv1.params: 1216</p>\n<ul><li>conv2.macs: 677376</li><li>fc.params: 47050</li><li>total.params: 51746</li></ul>\n'),
    Odd('a remark too many.csv', 'Prénom;Nom;conv1.shape;conv1.params;conv2.macs;fc.params;total.params\nZoé;Dupont;16x32x32;1 216;677 376;47 050;51 746;fini\n'),
    Odd('items with questions.tex', f'\\begin{{enumerate}}\n\\item {Q1} C=16, H=32, W=32\n\\item {Q2} 1216\n\\item {Q3}\n\\item {Q4} 47050\n\\item {Q5} 51746\n\\end{{enumerate}}\n', right=4),
)  # fmt: skip
