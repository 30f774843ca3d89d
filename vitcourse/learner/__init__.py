"""What is the learner's: their folder, their notebooks, what they have solved and done."""
