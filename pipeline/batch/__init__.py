"""A season of lessons: planned, made on one machine or many, recorded step by step, summed up."""
