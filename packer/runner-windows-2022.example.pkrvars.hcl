# Copy to runner-windows-2022.pkrvars.hcl and fill in; docs/aws.md says from where.
region         = "eu-west-1"
copy_to        = []
git_revision   = "0000000"
runner_version = "2.330.0"
runner_sha256  = "0000000000000000000000000000000000000000000000000000000000000000" # of actions-runner-win-x64-VERSION.zip
jre_url        = "https://example.com/jre-25-windows-x64.zip"
jre_sha256     = "0000000000000000000000000000000000000000000000000000000000000000"
agent_jars     = "agent/windows" # a folder that holds its jar alone
