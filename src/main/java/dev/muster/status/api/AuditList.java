package dev.muster.status.api;

import dev.muster.kernel.audit.AuditEntry;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.store.Read;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A part of the trail, newest first. */
public record AuditList(List<EntryView> audit, @Nullable String next) {
  public AuditList {
    audit = List.copyOf(audit);
  }

  /** An act; {@code actor} is a kind and a name, as {@code token:ana}. */
  public record EntryView(
      long sequence, Instant at, String actor, String action, String object, String detail) {
    static EntryView of(AuditEntry entry) {
      return new EntryView(
          entry.sequence(),
          entry.at(),
          entry.actor().toString(),
          entry.action(),
          entry.object(),
          entry.detail());
    }
  }

  /**
   * Reads a part.
   *
   * @param since only entries after this sequence number
   */
  static AuditList read(Read read, long since, Slice slice) {
    List<AuditEntry> found =
        AuditLog.newest(read, slice.beforeNumber(), slice.andOne()).stream()
            .takeWhile(entry -> entry.sequence() > since)
            .toList();
    return new AuditList(
        slice.cut(found).stream().map(EntryView::of).toList(),
        slice.next(found, AuditEntry::sequence));
  }
}
