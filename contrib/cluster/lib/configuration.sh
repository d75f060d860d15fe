# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Slurm's and munge's configuration, in the cluster's own /etc.

write_configuration() { # FILE WITH FURTHER LINES
	local slurm=$DIR/etc/slurm
	mkdir -p "$slurm/plugstack.conf.d" "$DIR/state"
	chmod 700 "$DIR/state"
	(umask 077 && head -c 128 /dev/urandom >"$DIR/state/munge.key")
	mkdir "$DIR/munge"

	[ -n "$MPI_DEFAULT" ] || MPI_DEFAULT=$(mpi_default)
	cat -- "$1" >"$slurm/added.conf"
	{
		slurm_conf
		nodes_conf
	} | without_keys_of "$slurm/added.conf" >"$slurm/slurm.conf"
	cat "$slurm/added.conf" >>"$slurm/slurm.conf"
	rm "$slurm/added.conf"
	# Nothing here needs cgroups, and slurmd would insist on a systemd to make them.
	if slurm_is_at_least 24.05; then
		echo 'CgroupPlugin=disabled' >"$slurm/cgroup.conf"
	fi
	[ "$ACCOUNTING" = no ] || (umask 077 && slurmdbd_conf >"$slurm/slurmdbd.conf")
}

# Debian's Slurm 26.05, for one, has no mpi/pmix (Debian bug 1149781).
mpi_default() {
	local conf=$DIR/etc/slurm/list.conf
	printf '%s\n' ClusterName=nestsafe SlurmctldHost=control >"$conf"
	if SLURM_CONF=$conf srun --mpi=list 2>&1 | grep -qw pmix; then
		echo pmix
	else
		echo none
	fi
	rm "$conf"
}

# slurmstepd, srun, sbatch and salloc read it each time they start: a reader must never see half a file.
write_plugstack() { # FILE
	local file=$DIR/etc/slurm/plugstack.conf
	cat -- "$1" >"$file.new"
	chmod 644 "$file.new"
	mv "$file.new" "$file"
}

# Slurm complains in every command when a key stands there twice, so what FILE sets is left out of ours.
without_keys_of() { # FILE
	awk -F= '
		{ key = tolower($1); gsub(/[ \t]/, "", key) }
		part == "theirs" { if (NF > 1) theirs[key] = 1; next }
		!(key in theirs)' part=theirs "$1" part=ours -
}

slurm_conf() {
	cat <<-TEXT
		ClusterName=nestsafe
		SlurmctldHost=control
		SlurmUser=root
		StateSaveLocation=$DIR/state
		SlurmctldPidFile=/run/slurmctld.pid
		SlurmctldLogFile=$DIR/log/slurmctld.log
		SlurmctldDebug=verbose
		SlurmdSpoolDir=/var/spool/slurmd
		SlurmdPidFile=/run/slurmd.pid
		SlurmdLogFile=$DIR/log/slurmd.%n.log
		SlurmdDebug=verbose
		MailProg=/bin/true

		ProctrackType=proctrack/linuxproc
		SelectType=select/cons_tres
		SelectTypeParameters=CR_CPU
		MpiDefault=$MPI_DEFAULT

		# Jobs start and end at once, and what hangs does not hang for long.
		SchedulerParameters=batch_sched_delay=0,bf_interval=2,sched_interval=2
		KillWait=2
		InactiveLimit=30
		SlurmctldTimeout=30
		SlurmdTimeout=60
		ReturnToService=2
	TEXT
	if [ "$CPUS" -le "$(nproc)" ]; then
		echo 'TaskPlugin=task/affinity'
	else
		echo 'TaskPlugin=task/none'
		echo 'SlurmdParameters=config_overrides'
	fi
	[ "$ACCOUNTING" = no ] || accounting_conf
}

nodes_conf() {
	local node memory
	# A node must have what is promised for it; memory is there so that jobs may ask for some.
	memory=$(awk '$1 == "MemTotal:" { print int($2 / 1024) }' /proc/meminfo)
	for node in $(node_names); do
		printf 'NodeName=%s NodeHostname=%s CPUs=%d RealMemory=%d\n' \
			"$node" "$(host_name "$node")" "$CPUS" "$memory"
	done
	echo 'PartitionName=main Nodes=ALL Default=YES OverSubscribe=NO MaxTime=INFINITE DefaultTime=10'
}

accounting_conf() {
	echo 'AccountingStorageType=accounting_storage/slurmdbd'
	echo 'AccountingStorageHost=control'
	echo 'JobAcctGatherType=jobacct_gather/linux'
	if slurm_is_at_least 23.02; then
		echo 'AccountingStoreFlags=job_comment,job_env,job_extra'
	elif slurm_is_at_least 21.08; then
		echo 'AccountingStoreFlags=job_comment,job_env'
	fi
}

slurmdbd_conf() {
	cat <<-TEXT
		DbdHost=control
		SlurmUser=root
		LogFile=$DIR/log/slurmdbd.log
		PidFile=/run/slurmdbd.pid
		DebugLevel=verbose
		StorageType=accounting_storage/mysql
		StorageHost=localhost
		StorageUser=root
	TEXT
}
