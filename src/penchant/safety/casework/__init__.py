"""The work of people on cases: the queue, second opinions, strikes, appeals, copyright, wellbeing, agreement.

Beside the policy core of `safety`: that says what follows from labels, this what people make of what waits for them.
"""
