/** The table of regions in DynamoDB, as a global table has it in this region. */
@NullMarked
package dev.muster.kernel.replication.aws;

import org.jspecify.annotations.NullMarked;
