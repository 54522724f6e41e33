"""What an installation consists of, whether `make install` or the package has brought it."""
PROGRAMS = ["corund", "corund-ctl"]
UNITS = [
    "corund.service", "corund.socket", "corund@.service", "corund@.socket", "corund-submit@.service",
    "corund-submit@.timer",
]
MANUALS = ["man1/corund-ctl.1", "man5/corund.toml.5", "man8/corund.8"]


def files(prefix, units, configuration, zsh, compressed=""):
    """All files, without leading slash.

    zsh: its folder for completions; compressed: what the names of manuals end in.
    """
    share = f"{prefix}/share"
    return sorted([
        *(f"{prefix}/bin/{name}" for name in PROGRAMS),
        *(f"{units}/{name}" for name in UNITS),
        f"{prefix}/lib/systemd/user/corund.service", f"{prefix}/lib/systemd/user/corund.socket",
        f"{prefix}/lib/sysusers.d/corund.conf",
        f"{configuration}/corund.toml",
        *(f"{share}/man/{page}{compressed}" for page in MANUALS),
        f"{share}/bash-completion/completions/corund-ctl", f"{share}/zsh/{zsh}/_corund-ctl",
        f"{share}/fish/vendor_completions.d/corund-ctl.fish", f"{share}/doc/corund/examples/commands.conf",
    ])


def folders(configuration):
    """For what the administrator puts there."""
    return [f"{configuration}/conf.d", f"{configuration}/jobs"]
