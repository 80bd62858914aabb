package dev.muster.kernel.store;

import java.lang.System.Logger.Level;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionStore;

/**
 * Finishes the commits that a crash interrupted. H2 marks a commit in its file before it goes
 * through the rows, so that the next start can go on. H2 2.5.252 sees the mark and leaves it at
 * that: {@code Transaction.commit} does nothing for a transaction that is called committed already.
 * Nobody sees what it wrote then, and whoever wants to change one of its rows waits without end, at
 * each start anew.
 */
final class InterruptedCommits {
  private InterruptedCommits() {}

  /** Finishes them; to be called while nobody writes. */
  static void finish(Connection connection) throws SQLException {
    SessionLocal session = (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
    TransactionStore store = session.getDatabase().getStore().getTransactionStore();
    List<Transaction> interrupted =
        store.getOpenTransactions().stream()
            .filter(transaction -> transaction.getStatus() == Transaction.STATUS_COMMITTED)
            .filter(Transaction::hasChanges) // who reads at this moment has none
            .toList();
    if (interrupted.isEmpty()) {
      return;
    }
    try {
      // What H2 itself would call: both are its own, and public to nobody.
      Method commit =
          TransactionStore.class.getDeclaredMethod("commit", Transaction.class, boolean.class);
      Method end =
          TransactionStore.class.getDeclaredMethod(
              "endTransaction", Transaction.class, boolean.class);
      commit.setAccessible(true);
      end.setAccessible(true);
      for (Transaction transaction : interrupted) {
        commit.invoke(store, transaction, true);
        end.invoke(store, transaction, true);
      }
    } catch (InvocationTargetException e) {
      throw new SQLException("A commit that a crash interrupted cannot be finished", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("This version of H2 finishes commits in another way", e);
    }
    System.getLogger(InterruptedCommits.class.getName())
        .log(Level.INFO, "Finished {0} commits that a crash interrupted", interrupted.size());
  }
}
