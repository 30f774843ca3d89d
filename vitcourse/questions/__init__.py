"""Questions to the learner: predictions before a cell is run, and five for each chapter's end."""
