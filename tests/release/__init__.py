"""What is released is tried as a stranger has it: built twice, checked, installed, and the manual run against it."""
