# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# slurmdbd, and a MariaDB that nobody but it can reach.

# Where the client library looks by itself is not the same in every release.
DATABASE_SOCKET=/run/mysqld/mysqld.sock

start_accounting() {
	say "making the accounting database; this takes a few seconds"
	start_mariadb
	start_slurmdbd
	sacctmgr -i add cluster nestsafe >>"$DIR/log/slurmdbd.out"
}

start_slurmdbd() {
	start slurmdbd control env "MYSQL_UNIX_PORT=$DATABASE_SOCKET" slurmdbd -D
	await slurmdbd 60 accounting_answers
}

# The database is thrown away in the end: it need not survive a power failure, but it should be quick and small.
# No network: slurmdbd comes through the socket and is who the kernel says it is.
start_mariadb() {
	local user=root options
	! getent passwd mysql >/dev/null || user=mysql
	options=(
		--no-defaults "--user=$user" "--datadir=$DIR/database" --skip-networking
		--innodb-flush-log-at-trx-commit=0 --skip-innodb-doublewrite --innodb-flush-method=nosync
		--innodb-log-file-size=16M --innodb-buffer-pool-size=64M --innodb-lock-wait-timeout=900
	)
	install -d -o "$user" -m 700 "$DIR/database"
	install -d -o "$user" /run/mysqld
	mariadb-install-db "${options[@]}" --skip-test-db >"$DIR/log/mariadb-install.out" 2>&1 ||
		{ tail -n 20 "$DIR/log/mariadb-install.out" >&2; die "mariadb-install-db failed"; }
	start mariadbd control mariadbd "${options[@]}" "--socket=$DATABASE_SOCKET" --pid-file=/run/mysqld/mysqld.pid
	await mariadbd 30 test -S "$DATABASE_SOCKET"
}

# slurmdbd listens once it has its tables.
accounting_answers() {
	(: </dev/tcp/control/6819) 2>/dev/null
}
