# Takes everything off an image that belongs to the machine it was made on, and generalises it; the
# last thing that Packer runs, as an administrator. The machine shuts down.
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3.0

$ec2launch = 'C:\Program Files\Amazon\EC2Launch\EC2Launch.exe'
if (-not (Test-Path $ec2launch)) { throw 'EC2Launch v2 is missing: start from an Amazon image of Windows Server 2022' }

Remove-Item -Recurse -Force -ErrorAction SilentlyContinue -Path 'C:\Muster-Upload', "$env:TEMP\*", 'C:\Windows\Temp\*', 'C:\ProgramData\Muster\agent', 'C:\ProgramData\Muster\launch.json', 'C:\ProgramData\Muster\logs\*', 'C:\ProgramData\Muster-job\*'
Remove-Item -Recurse -Force -ErrorAction SilentlyContinue -Path "$env:USERPROFILE\.aws", "$env:USERPROFILE\.ssh"
Remove-Item -Force -ErrorAction SilentlyContinue -Path (Get-PSReadLineOption -ErrorAction SilentlyContinue).HistorySavePath
Clear-RecycleBin -Force -ErrorAction SilentlyContinue
foreach ($name in 'Application', 'System', 'Security', 'Windows PowerShell') { wevtutil clear-log $name }
# The door that Packer came in through.
Get-ChildItem -Path WSMan:\localhost\Listener | Where-Object { $_.Keys -contains 'Transport=HTTPS' } | Remove-Item -Recurse -Force
Get-NetFirewallRule -Name 'Packer-WinRM' -ErrorAction SilentlyContinue | Remove-NetFirewallRule
Remove-Item -Force -ErrorAction SilentlyContinue -Path 'C:\ProgramData\Muster\baking'

& $ec2launch reset --clean
if ($LASTEXITCODE -ne 0) { throw "EC2Launch reset ended with $LASTEXITCODE" }
& $ec2launch sysprep --shutdown --clean
if ($LASTEXITCODE -ne 0) { throw "EC2Launch sysprep ended with $LASTEXITCODE" }
