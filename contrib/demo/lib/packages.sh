# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Installing the Debian packages that are missing, with progress.

# shellcheck source=../../lib/packages.sh
. "$SOURCE/contrib/lib/packages.sh"

install_packages() {
	local missing
	mapfile -t missing < <(packages_missing "${PACKAGES[@]}")
	if [ ${#missing[@]} = 0 ]; then
		step "The Debian packages that are needed are installed"
		return
	fi

	step "Debian packages are missing: ${missing[*]}"
	remark "reading what the Debian mirror has"
	quietly "" packages_update
	apt_get --assume-no install "${missing[@]}" 2>&1 | sed -n '/^Need to get\|^After this/s/^/        /p' || true
	remark "downloading"
	quietly "The packages could not be downloaded." packages_download "${missing[@]}"
	remark "installing; no daemon is started (the next boot starts munge: 'systemctl disable munge' if you do not want it)"
	quietly_to_its_end "The packages could not be installed." packages_install "${missing[@]}"
}
