# Before the agent, at every boot: arms the machine's end, makes the agent's config from what user
# data left, starts the agent, and shuts the machine down when it has ended. Run as SYSTEM by the
# task that Install-Runner.ps1 registers.
[CmdletBinding()]
param(
    [string] $Data = 'C:\ProgramData\Muster',
    [string] $Program = 'C:\Program Files\Muster',
    [string] $Metadata = 'http://169.254.169.254',
    [string] $Meeting = 'C:\ProgramData\Muster-job'
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3.0

$launch = Join-Path $Data 'launch.json'
$agentHome = Join-Path $Data 'agent'
$config = Join-Path $agentHome 'agent.json'
$log = Join-Path $Data 'logs\bootstrap.log'

# The agent ends its job at its deadline and reports that; the machine's own comes after.
$grace = 180
# For a machine that does not know its deadline: it will not get far, and must not stay.
$unknown = 900

function Write-Line([string] $Text) {
    $line = '{0:u} muster-bootstrap: {1}' -f (Get-Date).ToUniversalTime(), $Text
    Add-Content -Path $log -Value $line
    # EC2 keeps what is written to the first serial port: the console output.
    try {
        $port = New-Object System.IO.Ports.SerialPort 'COM1', 115200
        $port.Open()
        $port.WriteLine($line)
        $port.Close()
    } catch {
        Add-Content -Path $log -Value "COM1: $($_.Exception.Message)"
    }
}

function Read-Json([string] $Path) {
    if (-not (Test-Path $Path)) { return $null }
    # Without the parser's message, which may quote the secret.
    try { return Get-Content -Raw -Path $Path | ConvertFrom-Json } catch { return $null }
}

function Get-Property($Object, [string] $Name) {
    if ($null -eq $Object -or $Object.PSObject.Properties.Name -notcontains $Name) { return $null }
    return $Object.$Name
}

function Get-Seconds($Object) {
    $value = Get-Property $Object 'hardDeadlineSeconds'
    if (($value -is [int] -or $value -is [long]) -and $value -gt 0) { return [long] $value }
    return $null
}

function Set-Deadline {
    $seconds = Get-Seconds (Read-Json $launch)
    if ($null -eq $seconds) { $seconds = Get-Seconds (Read-Json $config) }
    if ($null -eq $seconds) { $seconds = $unknown } else { $seconds += $grace }
    # The task scheduler's own: it rings whatever becomes of this script and of the agent.
    $action = New-ScheduledTaskAction -Execute "$env:SystemRoot\System32\shutdown.exe" -Argument '/s /f /t 0 /c "Muster: the hard deadline"'
    $trigger = New-ScheduledTaskTrigger -Once -At (Get-Date).AddSeconds($seconds)
    # Not when it was missed: that would end a machine that was stopped and is started again.
    $settings = New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries
    Register-ScheduledTask -TaskName 'Muster deadline' -Action $action -Trigger $trigger -Settings $settings -User 'SYSTEM' -RunLevel Highest -Force | Out-Null
    Write-Line "this machine ends in $seconds s at the latest"
}

# The image's rule keeps jobs from the metadata, and holds until the runner's spec says otherwise.
# At later boots the agent's config says what the launch said.
function Set-MetadataRule {
    $given = Read-Json $launch
    if ($null -eq $given) { $given = Read-Json $config }
    $allowed = (Get-Property $given 'instanceMetadata') -is [bool] -and $given.instanceMetadata
    Set-NetFirewallRule -Name 'Muster-Metadata' -Enabled $(if ($allowed) { 'False' } else { 'True' })
    if ($allowed) { Write-Line 'jobs reach the instance metadata' }
}

function Get-InstanceId {
    for ($tried = 0; $tried -lt 30; $tried++) {
        try {
            $token = Invoke-RestMethod -Method Put -Uri "$Metadata/latest/api/token" -Headers @{ 'X-aws-ec2-metadata-token-ttl-seconds' = '60' } -TimeoutSec 2
            $id = Invoke-RestMethod -Uri "$Metadata/latest/meta-data/instance-id" -Headers @{ 'X-aws-ec2-metadata-token' = $token } -TimeoutSec 2
            if ($id -notmatch '^i-[0-9a-f]+$') { throw "the metadata service named the instance '$id'" }
            return $id
        } catch [System.Net.WebException] {
            Start-Sleep -Seconds 1
        }
    }
    throw "the metadata service at $Metadata does not answer (IMDSv2); is it switched on for this instance?"
}

# What AWS signed about this machine; without it the appliance goes by the launch's secret alone.
function Get-Identity {
    try {
        $token = Invoke-RestMethod -Method Put -Uri "$Metadata/latest/api/token" -Headers @{ 'X-aws-ec2-metadata-token-ttl-seconds' = '60' } -TimeoutSec 2
        $signed = Invoke-RestMethod -Uri "$Metadata/latest/dynamic/instance-identity/rsa2048" -Headers @{ 'X-aws-ec2-metadata-token' = $token } -TimeoutSec 2
        return "$signed" -replace '\s', ''
    } catch {
        Write-Line 'the metadata service has no identity document'
        return ''
    }
}

# For SYSTEM and Administrators alone, whatever the folder above it says.
function Protect-Path([string] $Path) {
    icacls $Path /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
    if ($LASTEXITCODE -ne 0) { throw "icacls could not protect $Path" }
}

function Set-Config([string] $Instance) {
    New-Item -ItemType Directory -Force -Path $agentHome | Out-Null
    Protect-Path $agentHome
    if ((Test-Path $config) -and (Get-Property (Read-Json $config) 'instance') -ne $Instance) {
        # Another machine's: this one was made from its disk.
        Remove-Item -Force -Path $config
        Remove-Item -Force -ErrorAction SilentlyContinue -Path (Join-Path $agentHome 'session.json')
    }
    if (-not (Test-Path $config)) {
        $given = Read-Json $launch
        foreach ($key in 'url', 'launch', 'secret') {
            if ((Get-Property $given $key) -isnot [string] -or [string]::IsNullOrEmpty($given.$key)) {
                throw "$launch must hold url, launch, secret and hardDeadlineSeconds"
            }
        }
        $seconds = Get-Seconds $given
        if ($null -eq $seconds -or $given.url -notmatch '^https?://[^/@ ]+') {
            throw "$launch must hold url, launch, secret and hardDeadlineSeconds"
        }
        $keys = [ordered]@{
            url = $given.url; launch = $given.launch; secret = $given.secret; instance = $Instance
            home = $agentHome; hardDeadlineSeconds = $seconds; user = 'runner'
            metadata = $Metadata; image = (Join-Path $Program 'image.json')
        }
        if ((Get-Property $given 'instanceMetadata') -is [bool] -and $given.instanceMetadata) { $keys.instanceMetadata = $true }
        $identity = Get-Identity
        if ($identity -ne '') { $keys.identity = $identity }
        # UTF-8 without a mark, which Set-Content of this PowerShell would write; moved when it is whole.
        [IO.File]::WriteAllText("$config.next", ($keys | ConvertTo-Json))
        Move-Item -Force -Path "$config.next" -Destination $config
    }
    # Where jobs run: the GitHub runner's own folder, which their user may enter.
    $work = Join-Path $agentHome 'work'
    if (-not (Test-Path $work)) { New-Item -ItemType Junction -Path $work -Target 'C:\actions-runner' | Out-Null }
    # The secret is in the agent's config now, which takes it off the disk once it is used.
    Remove-Item -Force -ErrorAction SilentlyContinue -Path $launch
    Write-Line "this is $Instance"
}

# Image and appliance do not drift apart: the agent that came with the appliance is taken, for this
# boot, by the job's host too. Whatever goes wrong, the image has one.
function Update-Agent {
    $jar = 'agent-windows.jar'
    $own = Join-Path $Program "lib\$jar"
    $fresh = Join-Path $Meeting $jar
    Remove-Item -Force -ErrorAction SilentlyContinue -Path $fresh, "$fresh.next"
    try {
        $url = (Read-Json $config).url
        $address = [Uri] $url
        if ($address.Scheme -ne 'https' -and -not $address.IsLoopback) { throw "$url is not https" }
        $files = $url.TrimEnd('/') + '/agent/v1/files'
        [Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12
        $manifest = Invoke-RestMethod -UseBasicParsing -Uri "$files/manifest.json" -TimeoutSec 5 -MaximumRedirection 0
        $wanted = @($manifest.files | Where-Object { $_.name -eq $jar })
        if ($wanted.Count -ne 1 -or $wanted[0].sha256 -notmatch '^[0-9a-f]{64}$') { throw 'the appliance has none' }
        if ((Get-FileHash -Algorithm SHA256 -Path $own).Hash -eq $wanted[0].sha256) {
            Write-Line "the agent is the image's, which is the appliance's too"
            return
        }
        $ProgressPreference = 'SilentlyContinue' # else a download takes ten times as long
        Invoke-WebRequest -UseBasicParsing -Uri "$files/$jar" -OutFile "$fresh.next" -TimeoutSec 30 -MaximumRedirection 0
        if ((Get-FileHash -Algorithm SHA256 -Path "$fresh.next").Hash -ne $wanted[0].sha256) { throw 'its checksum is wrong' }
        Move-Item -Force -Path "$fresh.next" -Destination $fresh
        Write-Line "the agent is the appliance's ($($wanted[0].sha256))"
    } catch {
        Remove-Item -Force -ErrorAction SilentlyContinue -Path "$fresh.next"
        Write-Line "the agent is the image's: $($_.Exception.Message)"
    }
}

# User data is carried out by a task of EC2Launch that may come after this one.
function Wait-Launch {
    for ($tried = 0; $tried -lt 300; $tried++) {
        if ((Test-Path $launch) -or (Test-Path $config)) { return }
        Start-Sleep -Seconds 1
    }
    throw "$launch is missing: user data did not write it"
}

New-Item -ItemType Directory -Force -Path (Split-Path $log) | Out-Null
Remove-Item -Force -ErrorAction SilentlyContinue -Path $log # of the boot before
$baking = Join-Path $Data 'baking'
if (Test-Path $baking) {
    Write-Line 'an image is being made here; nothing is started'
    return
}
try {
    Set-Deadline # once for a machine that never hears from user data
    Wait-Launch
    Set-Deadline
    Set-MetadataRule
    Set-Config (Get-InstanceId)
    Update-Agent
    # What was said so far; the appliance gets it from the agent.
    Copy-Item -Force -Path $log -Destination (Join-Path $agentHome 'boot.log')
    & (Join-Path $Program 'bin\agent.cmd') --config $config *>> (Join-Path $Data 'logs\agent.log')
    Write-Line "the agent ended with $LASTEXITCODE"
} catch {
    Write-Line "failed: $($_.Exception.Message)"
} finally {
    # The shutdown behaviour of the instance is to terminate.
    & "$env:SystemRoot\System32\shutdown.exe" /s /f /t 0 /c 'Muster: the agent has ended'
}
