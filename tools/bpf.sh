# For the setups of tools that look into the kernel: what they need, and how they are built. To be sourced, with $tool the tool's name,
# $source its directory and $out the directory to build in.

refuse() {
    echo "$tool: $1" >&2
    exit 2
}

require_kernel() {
    [ "$(uname -s)" = Linux ] || refuse "this is $(uname -s), and there is no Linux kernel to ask"
    [ "$(uname -m)" = x86_64 ] || refuse "this is $(uname -m), and only x86_64 is known"
    [ "$(id -u)" = 0 ] || refuse "not root: looking into the kernel needs it"
    [ -r /sys/kernel/btf/vmlinux ] || refuse "no /sys/kernel/btf/vmlinux: this kernel does not describe its types (CONFIG_DEBUG_INFO_BTF)"
}

find_clang() {
    for name in clang clang-21 clang-20 clang-19 clang-18 clang-17 clang-16 clang-15 clang-14; do
        command -v "$name" && return 0
    done
    return 1
}

# Installs from Debian what the build needs.
require_compilers() {
    missing=
    find_clang >/dev/null || missing="$missing clang"
    command -v gcc >/dev/null || missing="$missing gcc libc6-dev"
    command -v bpftool >/dev/null || missing="$missing bpftool"
    [ -e /usr/include/bpf/bpf_core_read.h ] || missing="$missing libbpf-dev"
    [ -e /usr/include/linux/prctl.h ] || missing="$missing linux-libc-dev"
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null || refuse "please install$missing: there is no apt-get to do it with"
    # shellcheck disable=SC2086 # several packages
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } \
        >"$out/install.log" 2>&1 || refuse "could not install$missing: $out/install.log says why"
}

build() {
    "$@" >>"$out/build.log" 2>&1 || refuse "the build failed: $out/build.log says why"
}

# The part that runs in the kernel: $1.bpf.c, whose skeleton the rest includes.
build_bpf() {
    : >"$out/build.log"
    bpftool btf dump file /sys/kernel/btf/vmlinux format c >"$out/vmlinux.h" 2>>"$out/build.log" ||
        refuse "bpftool cannot read this kernel's types: $out/build.log"
    build "$(find_clang)" -g -O2 -Wall -Werror -target bpf -D__TARGET_ARCH_x86 -I"$out" -I"$source" \
        -c "$source/$1.bpf.c" -o "$out/$1.bpf.o"
    bpftool gen skeleton "$out/$1.bpf.o" name "$1" >"$out/$1.skel.h" 2>>"$out/build.log" ||
        refuse "the build failed: $out/build.log says why"
}

# Pages can be swapped out only where there is swap, and only swap in memory does it before the system call returns.
require_swap() {
    [ "$(wc -l </proc/swaps)" = 1 ] || return 0
    [ -e /sys/block/zram0/disksize ] || modprobe zram 2>/dev/null || true
    # One that has a size already is somebody's, and only of use if it was swap before.
    if [ "$(cat /sys/block/zram0/disksize 2>/dev/null)" = 0 ]; then
        echo 256M >/sys/block/zram0/disksize && mkswap -q /dev/zram0 >/dev/null 2>&1 || true
    fi
    swapon /dev/zram0 2>/dev/null || echo "$tool: no swap, and no zram to make some with: $1" >&2
}
