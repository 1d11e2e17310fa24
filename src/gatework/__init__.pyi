from gatework import cell as cell
from gatework import datasets as datasets
from gatework import files as files
from gatework import forecast as forecast
from gatework import life as life
from gatework import look as look
from gatework import network as network
from gatework import recognize as recognize
from gatework import runtime as runtime
from gatework import search as search
from gatework import train as train
from gatework import watch as watch
from gatework import write as write
from gatework.files import load as load
from gatework.files import save as save
from gatework.forecast import Forecaster as Forecaster
from gatework.forecast import GlobalForecaster as GlobalForecaster
from gatework.forecast import Panel as Panel
from gatework.forecast import read_panel as read_panel
from gatework.life import LifeEstimator as LifeEstimator
from gatework.network import LSTM as LSTM
from gatework.network import RNN as RNN
from gatework.network import State as State
from gatework.network import Trace as Trace
from gatework.network import accelerate as accelerate
from gatework.recognize import SequenceClassifier as SequenceClassifier
from gatework.recognize import SequenceRegressor as SequenceRegressor
from gatework.recognize import SequenceTagger as SequenceTagger
from gatework.recognize import Transcriber as Transcriber
from gatework.watch import Watch as Watch
from gatework.write import Writer as Writer

__version__: str
__all__: list[str]
