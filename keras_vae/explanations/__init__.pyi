from keras_vae.explanations.answer import Answer as Answer
from keras_vae.explanations.answer import Lines as Lines
from keras_vae.explanations.answers import draw_answers as draw_answers
from keras_vae.explanations.answers import explain as explain
from keras_vae.explanations.questions import QUESTIONS as QUESTIONS
