"""Notes in the reader's language: each is known by the sentence that it follows."""

from __future__ import annotations

from gatework.look.language import Words
from gatework.look.language.words import pattern_of
from gatework.look.report.words import CLASSICS, PERIODS, listed

NOTES = (
    "the series is constant: every value is {value}",
    "no column of dates was found: the rows are numbered from 1",
    "the comma begins the decimals of column {column}",
    "the dot begins the decimals of column {column}: {cell} is read as {decimals}; --decimal comma "
    "reads it as {thousands}",
    "the comma parts thousands in column {column}: {cell} is read as {thousands}; --decimal "
    "comma reads it as {decimals}",
    "the numbers of column {column} are per cent",
    "the numbers of column {column} are in {measure}",
    "{mark} in {rows} of column {column} is taken for missing",
    "column {column}: {mark} in {rows} lies more than 20 deviations away from the rest and looks "
    "like a mark for missing: --missing-mark {same} takes it as such",
    "column {column} tells the series apart",
    "column {column} numbers the rows, and is left out",
    "columns {columns} are read together as the periods",
    "column {column} is empty in {rows}: {names} tells the series there",
    "there is no column {column}, as there was before: another one is looked for",
    "what is known in advance of the next {count} periods is read from {file}: {names}",
    "what is known in advance of the next 1 period is read from {file}: {names}",
    "empty periods before the first value are left out: series {name} begins with {period}, and "
    "{count} others likewise",
    "empty periods before the first value are left out: series {name} begins with {period}, and "
    "1 other likewise",
    "empty periods before the first value are left out: series {name} begins with {period}",
    "the periods after the last value are empty: the forecast of series {name} begins with "
    "{period}, and {count} others likewise",
    "the periods after the last value are empty: the forecast of series {name} begins with "
    "{period}, and 1 other likewise",
    "the periods after the last value are empty: the forecast of series {name} begins with "
    "{period}",
    "{count} more notes of this kind are left out, for other columns",
    "the columns from {first} to {last} are read as {count} periods, a row a series",
    "the numbers of column {column} are read as month and year",
    "the numbers of column {column} are read as year and month",
    "the numbers of column {column} are read as year and quarter",
    "the numbers of column {column} are read as Unix time in {unit}, in UTC",
    "the numbers of column {column} are read as dates of a spreadsheet",
    "seconds",
    "milliseconds",
    "microseconds",
    "nanoseconds",
    "the fiscal years of column {column} are called by the first year named",
    "the years of column {column}, written in two digits, are read as {first} to {last}",
    "the years of column {column}, written in two digits, are read as {year}",
    "the times of column {column} are local midnights, and read as their dates",
    "the times of column {column} have several time zones and are shown in UTC; --timezone "
    "Europe/Berlin, say, shows those of a place",
    "the times of column {column} have a time zone and are shown in UTC; --timezone "
    "Europe/Berlin, say, shows those of a place",
    "the times of column {column} are taken for the ends of hours",
    "the rows are sorted by column {column}, oldest first",
    "the dates of column {column} are one a month: read as months",
    "1 time is moved to the nearest period of {alias}, by at most {seconds} seconds",
    "{count} times are moved to the nearest period of {alias}, by at most {seconds} seconds",
    "1 row shares the period of another: their {how} is taken",
    "{count} rows share the period of another: their {how} is taken",
    "sum",
    "first",
    "last",
    "{rows} passed over as units: {names}",
    "{rows} passed over, for the header stands there again",
    "row {n} is",
    "rows {first} to {last} are",
    "rows {names} and {count} more are",
    "rows {names} and {n} are",
    "row {n}",
    "row {n} and row {k}",
    "row {n} and {k} other rows",
    "the text is read as {encoding}, which its bytes are, not as {said}",
    "the text is read as {encoding}; --encoding names another",
    "each row is read as the twelve months of the year in {column}",
    "{names} beside the months is left out",
    "sheet {sheet} is read; --sheet names another: {names}",
    "the decimal years of column {column} are read as months",
    "the dates of column {column} are read as {form}: only so they follow on",
    "1 missing value was filled {how}, the first in period {period}",
    "{count} missing values were filled {how}, the first in period {period}",
    "{count} values of {name} are missing (rows {rows}); the network goes on over them",
    "{count} values of {name} are missing (values {rows}); the network goes on over them",
    "{count} values of {name} are missing ({periods}); the network goes on over them",
    "1 value of {name} is missing (row {rows}); the network goes on over it",
    "1 value of {name} is missing (value {rows}); the network goes on over it",
    "1 value of {name} is missing ({periods}); the network goes on over it",
    "{count} values of {many} series are missing, the first that of {name} in {period}; the "
    "network goes on over them",
    "1 empty period before the first value is left out: the series begins with {period}, not "
    "{first}",
    "{count} empty periods before the first value are left out: the series begins with {period}, "
    "not {first}",
    "the last period is empty: the forecast begins with {period}",
    "the last {count} periods are empty: the forecast begins with {period}",
    "constant, so that MASE is undefined: {names}",
    "left out for having no value at all: {names}",
    "column {column} has 1 date: its periods are taken for {alias}, as --frequency would name them",
    "column {column} has 1 date a series: its periods are taken for {alias}, as --frequency would "
    "name them",
    "fewer than {least} values, so that the forecast rests on these few, and on what the other "
    "series show: {names}",
    "fewer than {least} values, so that the forecast rests on these few: {names}",
    "networks are trained for these series because of {reason}",
    "{name} explains no more than chance would, and is left out",
    "{name} with a lag of {lags} is taken into account: it lowers the error one step ahead by "
    "{share}",
    "{name} is taken into account: it lowers the error one step ahead by {share}",
    "{names} is used where networks are trained, and not here",
    "the columns from {first} to {last} are read as {count} periods, a row a series, told apart "
    "by {names}",
    "the LSTM",
    "by interpolation",
    "with 0",
    "with the value before",
    "with the mean of the known values",
    "the first event is on {day}: the first {unit}, {period}, may be counted in part",
    "the last event is on {day}: the last {unit}, {period}, may not be over and is left out",
    "{model} is left out: {why}",
    "the {seconds} s of the fitted classical models were over",
    "classical models that take seconds to fit are not compared; classics=10 (--classics 10) gives "
    "them 10 seconds",
    "the series has no season",
    "the values before the test part are all the same",
    "it needs a season of {season} values before the test part, there are {count} values",
    "it needs two seasons of {season} values before the test part, there are {count} values",
    "it needs {least} values before the test part, there are {count}",
    "no order of it could be fitted to {count} values",
    "no window and rank of it gave finite forecasts",
    "it could not be fitted to {count} values: {error}",
    "it failed during the test part: {error}",
    "auto: the LSTM alone, as no classical model could be fitted",
    "auto: the LSTM and {model}, as they did on the validation part; share of the LSTM by steps "
    "ahead: {shares}",
    "auto: each forecast is a mean of models, weighted for each series by itself, as each.jsonl "
    "says",
    "auto: the mean of models, by steps ahead weighted as they did before: {shares}",
    "on the validation part {model} did better than the LSTM at every step ahead; "
    'model="auto" (--model auto) takes a mean of both kinds',
    "on the validation part {model} did better than the LSTM at 1 step ahead; "
    'model="auto" (--model auto) takes a mean of both kinds',
    "on the validation part {model} did better than the LSTM at {steps} steps ahead; "
    'model="auto" (--model auto) takes a mean of both kinds',
    "the {share} interval spans the errors that averaged networks made at each number of steps "
    "ahead on the {count} periods of the validation and test parts",
    "the {share} interval is that of the network's own distribution, which the errors of its "
    "forecasts so far widen or narrow",
    "the {share} interval is that of errors that are normal, which the errors of its forecasts so "
    "far widen or narrow",
    "the forecast is that of the pretrained network, which was trained on {count} other series",
    "the forecast is that of the pretrained network, which was trained on other series",
    "the forecast is that of the network in {file}, which was trained on {count} other series",
    "the forecast is that of the network in {file}, which was trained on other series",
    "the forecast is that of the pretrained network, tuned on what is forecast",
    "{model} serves: on {origins} origins of the validation part the scaled error of the "
    "pretrained one is {theirs}, of the other {ours} (difference {difference}; p = {chance}, "
    "one-sided, paired, over {how}; below {sure} is asked for)",
    "the pretrained network serves, not {model}: on {origins} origins of the validation part the "
    "scaled error of the pretrained one is {theirs}, of the other {ours} (difference {difference}; "
    "p = {chance}, one-sided, paired, over {how}; below {sure} is asked for)",
    "the pretrained network serves, not {model}: {why}",
    "the tuned network",
    "the network that the search found",
    "{count} runs of {steps} origins, as forecasts overlap",
    "{count} origins",
    "the means of {count} series",
    "forecasts {steps} steps ahead overlap, so that the {count} origins of the validation part "
    "tell nothing for sure; it takes {least}",
    "only from {count} values on has a series a validation part",
    "no series has a validation part",
    "too short to learn from: the forecast is the {model} of {count} values, and its interval "
    "rests on the errors of other series, too",
    "too short to learn from: the forecast is the {model} of 1 value, and its interval rests on "
    "the errors of other series, too",
    "too short to learn from: the forecast is the {model} of {count} values",
    "too short to learn from: the forecast is the {model} of 1 value",
    "missing values are filled by interpolation where each series is learned by itself: {names}",
    "the search began with the pretrained network, whose RMSE is {rmse} on the {count} origins "
    "that the search chose by; that of its best trial is {best}",
    "the search began with the pretrained network, whose RMSE is {rmse} on the 1 origin that the "
    "search chose by; that of its best trial is {best}",
    "the plain mean of smoothers, as the pretrained network cannot be used: {why}",
    "with {options} a search fits networks to this series alone; without, the pretrained network "
    "forecasts it",
    "{options} ask for a search, but {n} values are too few for one, which needs {least} with a "
    "horizon of {horizon}: the pretrained network forecasts the series",
    "{options} ask for a search, but 1 value is too few for one, which needs {least} with a "
    "horizon of {horizon}: the pretrained network forecasts the series",
    "nothing is scored: only from {count} values on does the last fifth of a series say something "
    "of a forecast",
    "Failure data of Los Alamos National Laboratory, {source}. We thank Los Alamos National "
    "Laboratory for making the data public.",
    "the nearest neighbour recognises {share}: {how}",
    "the nearest neighbour among {count} of {all} recognises {share}: {how}",
    "better than the model",
    "as good as the model",
    "the model is better",
    "better than the model by {count} of {all}, which may be chance",
    "the model is better by {count} of {all}, which may be chance",
    "1 of {all} sequences stands among those that the model learned from, and cannot tell how it "
    "recognises new ones",
    "{count} of {all} sequences stand among those that the model learned from, and cannot tell how "
    "it recognises new ones",
    "its probabilities are as the network says them, for nothing was kept apart to calibrate them "
    "(train --validation 0.2 keeps a fifth)",
    "1 picture: {note}",
    "{count} pictures: {note}",
    "1 sound: {note}",
    "{count} sounds: {note}",
    "of several frames the first was taken",
    "scaled to the size of the features",
    "of 16 bits a pixel 8 were kept",
    "of its 65,536 shades none above {shade} is there, so that it is dark",
    "transparency was laid on white",
    "of colours the brightness was taken",
    "several channels were averaged",
    "the channels cancel each other, so the first was taken",
    "there is no sound in it: {names}",
    "resampled from {rate} Hz to {wanted} Hz",
    "shorter than a window of {seconds} s, and filled up with silence: {names}",
    "1 picture is mostly {shade}, while the model learned from {other} ones: {names}",
    "{count} pictures are mostly {shade}, while the model learned from {other} ones: {names}",
    "light",
    "dark",
    "passed over 1 file, hidden, of another kind, or in no class: {names}",
    "passed over {count} files, hidden, of another kind, or in no class: {names}",
    "passed over what is no ordinary file: {names}",
    "{bad} of {count} files cannot be used and were left out: {reasons}",
    "1 missing value was filled on a line between the neighbours",
    "{count} missing values were filled on a line between the neighbours",
    "there is no header: the first number of each line is its label",
    "there is no header: the first word of each line is its label",
    "there is no header: the last word of each line is its label",
    "the first line was passed over as a header: {line}",
    "letters and their combining marks were composed (NFC)",
    "labels in {column} that are the same number are one class",
    "the labels are in the column {column}",
    "the column {column} was taken for {name}",
    "the column {column} counts the rows and was left out",
    "the column {column} tells the rows apart and was left out",
    "series {name}: {note}",
    "{count} more series likewise",
)
"""The sentences, with what differs between notes in braces; the first that fits is taken."""

_PHRASES = ("how", "unit", "why", "model", "note", "rows", "shade", "other")
"""Fields that may hold words, which are translated, too."""


def note_text(note: str, words: Words) -> str:
    """Return a note in the language; one that follows no known sentence stays as it is.

    Example:
        >>> from gatework.look.language import words_in
        >>> note_text("the series is constant: every value is 3", words_in("zh"))
        '序列恒定：每个值都是 3'
    """
    sentence, values = _known(note)
    if not sentence:
        return note
    told = {
        name: _phrase(value, words) if name in _PHRASES else value for name, value in values.items()
    }
    if "shares" in told:
        told["shares"] = _shares(told["shares"], words)
    for name in told.keys() & {"options", "columns"}:
        told[name] = listed(told[name].split(" and "), words)
    return words(sentence, **told)


def note_sentence(note: str, words: Words) -> str:
    """Return a note as a sentence by itself: it ends, and unless a name comes first, begins so.

    Example:
        >>> from gatework.look.language import ENGLISH
        >>> note_sentence("the series is constant: every value is 3", ENGLISH)
        'The series is constant: every value is 3.'
    """
    told, sentence = note_text(note, words), _known(note)[0]
    if sentence[:1].islower() or told.startswith("the "):
        told = told[:1].upper() + told[1:]
    return told if told.endswith(words(".")) else told + words(".")


def _known(note: str) -> tuple[str, dict[str, str]]:
    """Return the sentence that a note follows, with its values; "" where there is none."""
    for sentence in NOTES:
        found = pattern_of(sentence).fullmatch(note)
        if found is not None:
            return sentence, found.groupdict()
    return "", {}


def _shares(text: str, words: Words) -> str:
    """Return the shares of models by steps ahead, each with its name where there are several."""
    told = []
    for part in text.split("; "):
        name, _, first = part.partition(", ")[0].rpartition(" ")
        shares = [first, *part.split(", ")[1:]]
        told.append((_phrase(name, words) + " " if name else "") + words.listed(shares))
    return words("; ").join(told)


def _phrase(text: str, words: Words) -> str:
    if text in PERIODS:
        return words.of("period", text)
    return words(text) if text in CLASSICS else note_text(text, words)
