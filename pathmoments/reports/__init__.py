"""How a verification is read: as text, Markdown, LaTeX, JSON, or one self-contained HTML page with its plots."""
