"""What Azure's services answer, as data: operations, the shapes of their answers, and the check of an answer."""
