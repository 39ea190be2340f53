"""One question a file, named as `kvae explain MODEL NAME` takes it: `answer(material)`.

In the order of a learner who meets a VAE with an autoencoder in mind.
"""

__all__ = ["QUESTIONS"]

QUESTIONS = {
    "autoencoder": "Is a VAE just an autoencoder that gives a range, with a KL term added?",
    "classes": "Does the KL make the ranges of different classes push each other away?",
    "batch": "Does the KL compare the distributions of a batch with each other?",
    "neighbours": "How do similar inputs come to lie together, if no term compares them?",
    "collapse": "Does the KL just force every code to mean 0 and standard deviation 1?",
    "beta": "What does the weight of the KL, beta, do?",
    "prior": "Which part is the prior?",
    "likelihood": "Which part is the likelihood?",
    "posterior": "Which part is the posterior, and what is q(z|x)?",
    "hypothesis": "Which part is the hypothesis?",
    "evidence": "Which part is the evidence?",
    "bayes": "Is p(z|x) the same as p(x|z) p(z)?",
    "formula": "How is the KL computed, and is sigma in its formula a variance?",
    "bound": "What does maximising the ELBO do: does it raise log p(x), or close the gap?",
    "derivation": "How does each line of the derivation follow from the one before?",
    "x": "Is x what goes into the encoder, or what comes out of the decoder?",
    "training": "Training minimises KL(p_data || p_theta): what has that to do with log p(x)?",
    "draws": "How is the expectation in the ELBO computed, and how many draws does it take?",
}
