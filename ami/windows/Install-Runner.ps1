# Makes a runner image of a plain Windows Server 2022; run by Packer as an administrator.
#
# From the environment: RUNNER_VERSION and RUNNER_SHA256 (of the GitHub runner's archive), JRE_URL
# and JRE_SHA256 (of a Java 25 runtime as zip), BUILD_DATE and GIT_REVISION. The agent's files lie
# in C:\Muster-Upload\agent.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue' # else a download takes ten times as long
Set-StrictMode -Version 3.0
[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12

$upload = 'C:\Muster-Upload'
$program = 'C:\Program Files\Muster'
$data = 'C:\ProgramData\Muster'
$runner = 'C:\actions-runner'

foreach ($name in 'RUNNER_VERSION', 'RUNNER_SHA256', 'JRE_URL', 'JRE_SHA256', 'BUILD_DATE', 'GIT_REVISION') {
    if ([string]::IsNullOrEmpty([Environment]::GetEnvironmentVariable($name))) { throw "$name is not given" }
}

function Get-Verified([string] $Uri, [string] $Sha256, [string] $To) {
    Invoke-WebRequest -UseBasicParsing -Uri $Uri -OutFile $To
    $found = (Get-FileHash -Algorithm SHA256 -Path $To).Hash
    if ($found -ne $Sha256) { throw "$Uri has the SHA-256 $found, not $Sha256" }
}

function Protect-Path([string] $Path) {
    icacls $Path /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
    if ($LASTEXITCODE -ne 0) { throw "icacls could not protect $Path" }
}

# The right that a task's user needs; an ordinary user does not have it by itself.
function Grant-BatchLogon([string] $Sid) {
    $policy = "$env:TEMP\rights.inf"
    secedit /export /areas USER_RIGHTS /cfg $policy | Out-Null
    if ($LASTEXITCODE -ne 0) { throw 'secedit could not export the user rights' }
    $lines = @(Get-Content -Path $policy)
    $right = @($lines | Where-Object { $_ -match '^SeBatchLogonRight\s*=' })
    if ($right.Count -eq 0) {
        $lines = $lines -replace '^\[Privilege Rights\]$', "[Privilege Rights]`r`nSeBatchLogonRight = *$Sid"
    } else {
        $lines = $lines -replace '^(SeBatchLogonRight\s*=.*)$', "`$1,*$Sid"
    }
    Set-Content -Encoding Unicode -Path $policy -Value $lines
    secedit /configure /db "$env:TEMP\rights.sdb" /cfg $policy /areas USER_RIGHTS | Out-Null
    if ($LASTEXITCODE -ne 0) { throw "secedit could not let $Sid log on for tasks" }
    Remove-Item -Force -Path $policy, "$env:TEMP\rights.sdb"
}

New-Item -ItemType Directory -Force -Path $program, "$program\bin", "$program\lib", $data, "$data\logs", $runner | Out-Null
Protect-Path $data
# While this is there, the agent is not started.
New-Item -ItemType File -Force -Path "$data\baking" | Out-Null

# The GitHub runner, as released.
$archive = "$env:TEMP\actions-runner.zip"
Get-Verified "https://github.com/actions/runner/releases/download/v$env:RUNNER_VERSION/actions-runner-win-x64-$env:RUNNER_VERSION.zip" $env:RUNNER_SHA256 $archive
Expand-Archive -Force -Path $archive -DestinationPath $runner

# Java and the agent. The appliance's own jar comes first on its class path, once the bootstrap has
# fetched it.
$java = "$env:TEMP\jre.zip"
Get-Verified $env:JRE_URL $env:JRE_SHA256 $java
Expand-Archive -Force -Path $java -DestinationPath "$env:TEMP\jre"
$unpacked = @(Get-ChildItem -Directory -Path "$env:TEMP\jre")
if ($unpacked.Count -ne 1) { throw "the Java runtime's archive holds $($unpacked.Count) folders, not one" }
if (Test-Path "$program\runtime") { Remove-Item -Recurse -Force -Path "$program\runtime" }
Move-Item -Path $unpacked[0].FullName -Destination "$program\runtime"
Copy-Item -Force -Path "$upload\agent\agent-windows.jar" -Destination "$program\lib"
Copy-Item -Force -Path "$upload\Start-Muster.ps1" -Destination "$program\bin"
Set-Content -Encoding Ascii -Path "$program\bin\agent.cmd" -Value @'
@"%~dp0..\runtime\bin\java.exe" -Xmx32m -Xmn4m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "C:\ProgramData\Muster-job\agent-windows.jar;%~dp0..\lib\agent-windows.jar" dev.muster.agent.windows.AgentMain %*
'@
# Jobs' user may read and start what is here, and change none of it.
icacls $program /grant '*S-1-5-32-545:(OI)(CI)RX' | Out-Null
if ($LASTEXITCODE -ne 0) { throw "icacls could not let users read $program" }

# Whom jobs run as: an ordinary user, whose password nobody needs to know.
$bytes = New-Object byte[] 48
[Security.Cryptography.RandomNumberGenerator]::Create().GetBytes($bytes)
$password = ConvertTo-SecureString -AsPlainText -Force -String ([Convert]::ToBase64String($bytes) + 'aA1!')
if (-not (Get-LocalUser -Name runner -ErrorAction SilentlyContinue)) {
    New-LocalUser -Name runner -Password $password -PasswordNeverExpires -UserMayNotChangePassword -Description 'Runs the jobs of Muster' | Out-Null
}
$sid = (Get-LocalUser -Name runner).SID.Value
icacls $runner /grant 'runner:(OI)(CI)M' | Out-Null
if ($LASTEXITCODE -ne 0) { throw "icacls could not give $runner to the user runner" }

# Jobs do not reach the instance's metadata.
Get-NetFirewallRule -Name 'Muster-Metadata' -ErrorAction SilentlyContinue | Remove-NetFirewallRule
$rule = @{
    Name = 'Muster-Metadata'
    DisplayName = 'Muster: no instance metadata for jobs'
    Direction = 'Outbound'
    Action = 'Block'
    RemoteAddress = '169.254.169.254', 'fd00:ec2::254'
    LocalUser = "D:(A;;CC;;;$sid)"
}
New-NetFirewallRule @rule | Out-Null
Set-NetFirewallProfile -All -Enabled True

# Real-time scanning of each file of a checkout takes minutes of a job; everything else stays scanned.
Add-MpPreference -ExclusionPath $runner
Add-MpPreference -ExclusionProcess "$runner\bin\Runner.Worker.exe", "$runner\bin\Runner.Listener.exe"

# Time from the hypervisor: TLS and GitHub's tokens depend on it.
& w32tm.exe '/config' '/manualpeerlist:169.254.169.123,0x9' '/syncfromflags:manual' '/update' | Out-Null
if ($LASTEXITCODE -ne 0) { throw 'w32tm could not set the time source' }
Set-Service -Name w32time -StartupType Automatic
Restart-Service -Name w32time

# A machine of one job is not patched under it; images are made anew instead.
Set-Service -Name wuauserv -StartupType Disabled

# Jobs start through this task: as the user runner, whose password nobody knows ("S4U"). It has no
# trigger; the agent runs it, and the host that it starts finds the agent by the file in its folder.
$meeting = 'C:\ProgramData\Muster-job'
New-Item -ItemType Directory -Force -Path $meeting | Out-Null
icacls $meeting /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' "*${sid}:(OI)(CI)R" | Out-Null
if ($LASTEXITCODE -ne 0) { throw "icacls could not protect $meeting" }
Grant-BatchLogon $sid
$hostArguments = "-Xmx32m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -cp `"$meeting\agent-windows.jar;$program\lib\agent-windows.jar`" dev.muster.agent.windows.JobHost $meeting\host.txt"
$jobAction = New-ScheduledTaskAction -Execute "$program\runtime\bin\java.exe" -Argument $hostArguments -WorkingDirectory $runner
$jobPrincipal = New-ScheduledTaskPrincipal -UserId runner -LogonType S4U -RunLevel Limited
$jobSettings = New-ScheduledTaskSettingsSet -ExecutionTimeLimit ([TimeSpan]::Zero) -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries -MultipleInstances IgnoreNew -Priority 5
Register-ScheduledTask -TaskName 'Muster job' -Action $jobAction -Principal $jobPrincipal -Settings $jobSettings -Force | Out-Null

# A task at start-up rather than a service: docs/adr/0017 says why. The policy of the machine stays as it is: only this one script is let through.
$powershell = "$env:SystemRoot\System32\WindowsPowerShell\v1.0\powershell.exe"
$arguments = "-NoProfile -NonInteractive -ExecutionPolicy Bypass -File `"$program\bin\Start-Muster.ps1`""
$action = New-ScheduledTaskAction -Execute $powershell -Argument $arguments
$settings = New-ScheduledTaskSettingsSet -ExecutionTimeLimit ([TimeSpan]::Zero) -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries -MultipleInstances IgnoreNew
Register-ScheduledTask -TaskName 'Muster' -Action $action -Trigger (New-ScheduledTaskTrigger -AtStartup) -Settings $settings -User 'SYSTEM' -RunLevel Highest -Force | Out-Null

[ordered]@{ runner = $env:RUNNER_VERSION; built = $env:BUILD_DATE; revision = $env:GIT_REVISION } | ConvertTo-Json |
    Set-Content -Encoding Ascii -Path "$program\image.json"
