-- INSEE numbers regions and departments alike: 32 is Hauts-de-France and the Gers.
insert into identifier_scheme (code) values ('insee-region');
