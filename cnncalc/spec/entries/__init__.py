"""An entry of `layers:` in any of its forms: calls, mappings, what is pasted, the notation of exams."""
