# What happens when Snakemake begins and ends; no rules.
# Snakemake's limit of 100 jobs a second wakes it a second after each job, and for each of them every
# second from then on: after 1,000 jobs that takes a third of a core. No job here needs the limit. It
# cannot be turned off otherwise; tests/workflow/test_rules.py tells when a new Snakemake differs.
onstart:
    if workflow.local_exec and hasattr(workflow.scheduler, "job_rate_limiter"):
        workflow.scheduler.job_rate_limiter = None


# On Ctrl-C, too. The page of what there is names what lacks; the exit code stays that of a failure.
onerror:
    shell("python -m labbook report --ended || true")
    shell("python -m labbook log --quiet || true")


onsuccess:
    shell("python -m labbook log --quiet || true")
