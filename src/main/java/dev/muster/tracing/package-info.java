/**
 * What the features' ports do, as spans: decorators that the composition root puts around them
 * where spans go anywhere, so that features know nothing of it. {@link
 * dev.muster.tracing.JobTraceReconciler} makes the spans of a job's phases from its timeline, the
 * agents' among them, when it has ended.
 */
@NullMarked
package dev.muster.tracing;

import org.jspecify.annotations.NullMarked;
