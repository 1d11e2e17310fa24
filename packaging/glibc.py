"""The names that an older glibc has, to link against: Zig's compiler carries them.

A wheel runs on every Linux whose glibc has the names that it asks for. GCC compiles, as it does in
the containers where releases are built; its library of C++ goes into the wheel.
"""

from pathlib import Path

from interpreters import run

VERSION = (2, 28)
LIBRARIES = {"libm": "6", "libpthread": "0", "libdl": "2", "librt": "1"}
LINKER = "libld.so.2"
"""Zig's name for what stands for the dynamic linker, whichever it is called."""


def link_flags(tools: Path, machine: str, compiler: str, place: Path) -> str:
    """Lay the names into a folder, and return the flags that link against them."""
    place.mkdir(parents=True)
    target = f"{machine}-linux-gnu.{VERSION[0]}.{VERSION[1]}"
    nothing = place / "nothing.c"
    nothing.write_text("int nothing;\n", "utf-8")
    cache = {"ZIG_GLOBAL_CACHE_DIR": str(place / "cache"), "PATH": str(tools)}
    zig = (tools / "python", "-m", "ziglang", "cc", "-target", target)
    run(*zig, "-shared", "-o", place / "nothing.so", nothing, env=cache)
    (libc,) = place.glob("cache/o/*/libc.so.6")
    names = {f"{name}.so": f"{name}.so.{number}" for name, number in LIBRARIES.items()}
    for name in ("libc.so.6", LINKER, *names.values()):
        (libc.parent / name).rename(place / name)
    for name, real in names.items():
        (place / name).symlink_to(real)
    also = f"AS_NEEDED ( libpthread.so.0 {LINKER} )"
    (place / "libc.so").write_text(f"GROUP ( libc.so.6 {also} )\n", "utf-8")
    rest = place / "older_glibc.o"
    run(
        compiler,
        "-x",
        "c",
        "-O2",
        "-fPIC",
        "-c",
        Path(__file__).with_name("older_glibc.c"),
        "-o",
        rest,
    )
    return f"-L{place} {rest} -static-libstdc++ -Wl,--exclude-libs,ALL -Wl,-s"
