package dev.muster.config.git;

import dev.muster.config.ConfigRepository.Commit;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.transport.PreReceiveHook;
import org.eclipse.jgit.transport.ReceiveCommand;
import org.eclipse.jgit.transport.ReceivePack;

/** Lets a push through only when it moves the config branch forward to an acceptable config. */
final class PushGate implements PreReceiveHook {
  private final String branch;
  private final PushCheck check;

  PushGate(String branch, PushCheck check) {
    this.branch = branch;
    this.check = check;
  }

  @Override
  public void onPreReceive(ReceivePack pack, Collection<ReceiveCommand> commands) {
    for (ReceiveCommand command : commands) {
      if (command.getResult() == ReceiveCommand.Result.NOT_ATTEMPTED) {
        judge(pack, command);
      }
    }
  }

  private void judge(ReceivePack pack, ReceiveCommand command) {
    if (!command.getRefName().equals(branch)) {
      String name = Constants.R_HEADS.length() < branch.length() ? branch.substring(11) : branch;
      refuse(pack, command, "only the branch " + name + " is kept here; push to it");
      return;
    }
    switch (command.getType()) {
      case DELETE ->
          refuse(pack, command, "the config branch is not deleted; undo a change with git revert");
      case UPDATE_NONFASTFORWARD ->
          refuse(
              pack,
              command,
              "history is not rewritten here; pull first, and undo a change with git revert");
      case CREATE, UPDATE -> judgeConfig(pack, command);
    }
  }

  private void judgeConfig(ReceivePack pack, ReceiveCommand command) {
    Commit commit;
    try {
      commit =
          CommitReader.read(pack.getRevWalk().getObjectReader(), "embedded", command.getNewId());
    } catch (IOException e) {
      refuse(pack, command, "the commit cannot be read: " + e.getMessage());
      return;
    }
    PushCheck.Verdict verdict = check.judge(commit);
    say(pack, verdict.lines());
    if (!verdict.accepted()) {
      command.setResult(
          ReceiveCommand.Result.REJECTED_OTHER_REASON, "the config has problems, see above");
    }
  }

  private static void refuse(ReceivePack pack, ReceiveCommand command, String reason) {
    say(pack, List.of(command.getRefName() + ": " + reason));
    command.setResult(ReceiveCommand.Result.REJECTED_OTHER_REASON, reason);
  }

  private static void say(ReceivePack pack, List<String> lines) {
    lines.forEach(pack::sendMessage);
  }
}
