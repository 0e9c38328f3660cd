"""Trains a classifier of scikit-learn and labels sentences with it.

usage: quality.py NAME TRAIN.tsv TEST.txt LABELS.txt

TRAIN.tsv has lines of a label, a tab and a sentence, TEST.txt a sentence on each
line; a label for each is written to LABELS.txt. Prints a JSON object with the
seconds that training and labelling took, from sentences in memory to labels in
memory.
"""
import json
import sys
import time
import warnings

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

# A call that is short is repeated for so long, after one that is not timed.
LEAST_SECONDS = 0.2

PIPELINES = {
    "sklearn-logistic": lambda: make_pipeline(TfidfVectorizer(), LogisticRegression()),
    "sklearn-svm": lambda: make_pipeline(TfidfVectorizer(), LinearSVC()),
    "sklearn-pairs": lambda: make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        LogisticRegression(C=10, class_weight="balanced", max_iter=1000),
    ),
    "sklearn-characters": lambda: make_pipeline(
        make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
        ),
        LogisticRegression(C=1, class_weight="balanced", max_iter=1000),
    ),
}


def lines(path):
    # Nothing but a line feed ends a line, whatever else Python takes for one.
    with open(path, encoding="utf-8", newline="\n") as f:
        return [line.rstrip("\n") for line in f]


def main():
    name, train, test, output = sys.argv[1:]
    labels, texts = zip(*(line.split("\t", 1) for line in lines(train)))
    test = lines(test)
    pipeline = PIPELINES[name]()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        start = time.perf_counter()
        pipeline.fit(texts, labels)
        trained = time.perf_counter() - start
    predicted = pipeline.predict(test)
    start, n = time.perf_counter(), 0
    while n == 0 or time.perf_counter() - start < LEAST_SECONDS:
        pipeline.predict(test)
        n += 1
    labelled = (time.perf_counter() - start) / n
    with open(output, "w", encoding="utf-8") as f:
        f.writelines(label + "\n" for label in predicted)
    print(json.dumps({
        "TrainSeconds": trained,
        "ClassifySeconds": labelled,
        "Warnings": sorted({w.category.__name__ for w in caught}),
    }))


main()
