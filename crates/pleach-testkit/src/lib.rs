//! Oracles, generators and biting values for Pleach's own tests.
