# SPDX-License-Identifier: GPL-2.0-or-later
EXTRA_DIST += CONTRIBUTING.md docs/admin-guide.md docs/architecture.md docs/compatibility.md \
	docs/faq.md docs/performance.md docs/records.md docs/security.md docs/user-guide.md
