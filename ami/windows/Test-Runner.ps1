# Whether a runner image can do what it is for; run by Packer as an administrator, before sysprep.
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3.0

# As the agent itself will: a job as the user runner, through the task. It needs to be SYSTEM for
# nothing here, an administrator may run the task as well.
& 'C:\Program Files\Muster\bin\agent.cmd' --self-test --user runner
if ($LASTEXITCODE -ne 0) { throw "the agent's self-test ended with $LASTEXITCODE" }

& 'C:\actions-runner\bin\Runner.Listener.exe' --version
if ($LASTEXITCODE -ne 0) { throw "the GitHub runner ended with $LASTEXITCODE" }

$task = Get-ScheduledTask -TaskName 'Muster'
if ($task.Principal.UserId -ne 'SYSTEM' -or $task.State -eq 'Disabled') { throw 'the agent is not started at a boot' }

$job = Get-ScheduledTask -TaskName 'Muster job'
if ($job.Principal.UserId -notmatch 'runner$' -or $job.Principal.RunLevel -ne 'Limited') { throw 'jobs are not started as the user runner' }

$rule = Get-NetFirewallRule -Name 'Muster-Metadata'
if ($rule.Enabled -ne 'True' -or $rule.Action -ne 'Block') { throw 'jobs reach the instance metadata' }

foreach ($entry in (Get-Acl 'C:\ProgramData\Muster').Access) {
    $sid = $entry.IdentityReference.Translate([Security.Principal.SecurityIdentifier]).Value
    if ($sid -ne 'S-1-5-18' -and $sid -ne 'S-1-5-32-544') { throw "C:\ProgramData\Muster is open to $($entry.IdentityReference)" }
}
if ((Get-LocalGroupMember -SID 'S-1-5-32-544').Name -match '\\runner$') { throw 'jobs run as an administrator' }
