"""The questions of a report, in the order in which they are asked."""

from conversations.flows.kind_steps import CategoryStep, QuestionStep
from conversations.flows.photo_steps import PhotoShowsStep, PhotoStep
from conversations.flows.place_step import PlaceStep
from conversations.flows.words_steps import ShopWordsStep, Under18Step, WhenStep, WordsStep
from conversations.form import Step

STEPS: tuple[Step, ...] = (
    CategoryStep(),
    # At once, while the person still stands there with the phone up.
    PhotoShowsStep(),
    PlaceStep(),
    PhotoStep(),
    WordsStep(),
    QuestionStep(),
    Under18Step(),
    ShopWordsStep(),
    WhenStep(),
)
BY_NAME = {step.name: step for step in STEPS}
