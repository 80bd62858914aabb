/**
 * What a config needs in AWS besides machines: tables, queues, buckets, budgets and roles. {@link
 * dev.muster.infra.Templates} writes it as CloudFormation, pure of any call: one template for what
 * the appliances of a region share, and one for each environment and region. {@code infra.aws}
 * compares what is there with it, and changes nothing. Names are in {@link
 * dev.muster.infra.InfraNames} alone.
 */
@NullMarked
package dev.muster.infra;

import org.jspecify.annotations.NullMarked;
