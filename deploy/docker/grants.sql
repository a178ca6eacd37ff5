-- Run once by the image of the database, when it is new: what backups and restores need beside the hospital's own tables.
GRANT RELOAD, PROCESS, LOCK TABLES, REPLICATION CLIENT ON *.* TO hmis@'%';
-- A restore sets the tables that were there aside in a database of their own: nothing is erased.
GRANT ALL ON `hmis\_aside\_%`.* TO hmis@'%';
