"""Mistakes with the answer itself: its number, formula or array; and what each mistake gives for a question."""
