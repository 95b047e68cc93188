"""What training on a data set comes to: tokens, steps, time and money."""
